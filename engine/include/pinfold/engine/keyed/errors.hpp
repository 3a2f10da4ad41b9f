#pragma once

#include <cstddef>
#include <cstdint>
#include <pinfold/api.hpp>
#include <stdexcept>
#include <string>

namespace pinfold {

/// The keys of a keyed job, with their values, find no room in the pool's memory. what() tells the
/// figures, and what to do. All that the job took is given back, and the pool stays usable.
///
///     pinfold::Pool pool({.arena_bytes = std::size_t{4} << 20});
///     try {
///         pinfold::map_reduce_by_key<std::uint64_t, std::uint64_t>(
///             pool, pinfold::Range{0, 10'000'000},
///             [](const pinfold::Chunk& chunk, auto& emit) {
///                 for (auto k : chunk) {
///                     emit(k, 1U);
///                 }
///             },
///             std::plus<>{});
///     } catch (const pinfold::TooManyKeys& many) {
///         assert(std::string(many.what()).find("arena_bytes") != std::string::npos);
///     }
class PINFOLD_API TooManyKeys : public std::runtime_error {
  public:
    /// `limit` says what had no room.
    TooManyKeys(std::uint64_t keys, std::size_t table_bytes, std::size_t waiting_bytes,
                const std::string& limit);

    /// Different keys in the table, of the chunks that were merged before.
    [[nodiscard]] std::uint64_t keys() const noexcept { return keys_; }

    /// What they take, with their values.
    [[nodiscard]] std::size_t table_bytes() const noexcept { return table_bytes_; }

    /// What chunks emitted that were to be merged next.
    [[nodiscard]] std::size_t waiting_bytes() const noexcept { return waiting_bytes_; }

  private:
    std::uint64_t keys_;
    std::size_t table_bytes_;
    std::size_t waiting_bytes_;
};

}  // namespace pinfold
