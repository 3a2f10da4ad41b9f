#pragma once

#include <cstddef>
#include <cstdint>
#include <pinfold/engine/chunk_plan.hpp>
#include <pinfold/engine/range.hpp>
#include <pinfold/shm/shareable.hpp>
#include <span>
#include <type_traits>

namespace pinfold {

/// What the finished phases of a job left behind, and what the running phase is to fill.
///
/// Lifetime: the job's. The bytes start as zeros, aligned to 64 bytes. Several chunks of one phase
/// may write different bytes of its memory at the same time, never the same ones.
class Left {
  public:
    explicit Left(std::span<const std::span<std::byte>> phases) noexcept : phases_(phases) {}

    /// The memory of phase number `phase`, as elements of type T.
    template <shm::Shareable T>
    [[nodiscard]] std::span<T> of(std::size_t phase) const noexcept {
        const std::span<std::byte> bytes = phases_[phase];
        return {reinterpret_cast<T*>(bytes.data()), bytes.size() / sizeof(T)};
    }

  private:
    std::span<const std::span<std::byte>> phases_;
};

/// A step of a job that must be complete before the next one starts: a pure map over a range of its
/// own, which leaves `bytes` bytes behind for what comes after it. Made by make_phase().
struct Phase {
    using Call = void (*)(const void* job, const Chunk& chunk, const Left& left);

    Range range;
    std::uint64_t grain = 0;  ///< 0 takes default_grain(range)
    std::size_t bytes = 0;    ///< what it leaves behind, from the pool's arena for the job's time
    Call call = nullptr;

    /// Which of the job's own chunks need it, by their numbers: it runs after the chunks before
    /// `first_chunk` and before the others, and not at all when the journal has all of
    /// [first_chunk, last_chunk). The phases of a job are in the order of their `first_chunk`. A
    /// phase that takes the place of an earlier one may write that one's memory anew.
    std::uint64_t first_chunk = 0;
    std::uint64_t last_chunk = max_chunks;
};

/// A phase that calls `map(job, chunk, left)` for each chunk of `range`.
///
/// `map` must be captureless; `Job` is the type of the job's own `job` argument, which every phase
/// sees. The chunk may start more than once, so the map writes the same bytes each time.
template <shm::Shareable Job, typename Map>
requires std::is_empty_v<Map> && std::is_default_constructible_v<Map> &&
    std::is_invocable_v<Map, const Job&, const Chunk&, const Left&>
[[nodiscard]] Phase make_phase(Range range, std::uint64_t grain, std::size_t bytes, Map) {
    return {range, grain, bytes, [](const void* job, const Chunk& chunk, const Left& left) {
                Map{}(*static_cast<const Job*>(job), chunk, left);
            }};
}

}  // namespace pinfold
