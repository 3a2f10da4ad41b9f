#pragma once

// The host's side of a keyed job, without its types. Not for users.
//
// It takes the chunks' parts in chunk order. When they are as large as a round, a job of one chunk
// a partition merges them: each makes the partition's new table of the old one and of its rows in
// the parts. Then the host frees the old table, and behind the last partition the parts. What it
// makes does not depend on where rounds end, since each key's values are combined in chunk order.

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <pinfold/api.hpp>
#include <pinfold/engine/detail/keyed/blocks.hpp>
#include <pinfold/engine/detail/keyed/key_hash.hpp>
#include <pinfold/engine/detail/run_job.hpp>
#include <pinfold/engine/job_result.hpp>
#include <pinfold/engine/options.hpp>
#include <span>
#include <vector>

namespace pinfold {

class Pool;

namespace detail {

/// What begins the bytes of a merge's job, in front of the combining function. The addresses of the
/// parts are its last bytes.
struct MergeHead {
    HashSeed seed;
    std::array<const TableHead*, partitions> tables;  // nullptr of none
    std::size_t parts;
    std::size_t parts_at;

    [[nodiscard]] std::span<const PartHead* const> all_parts() const noexcept {
        const auto* const bytes = reinterpret_cast<const std::byte*>(this);
        return {reinterpret_cast<const PartHead* const*>(bytes + parts_at), parts};
    }
};

/// How a partition is merged: `call` is given a MergeHead, and behind it what `frame` has there.
struct MergeSpec {
    RowCall call = nullptr;
    std::span<const std::byte> frame{};
    std::size_t alignment = 1;
};

/// Parts that have come, and the tables that were made of those before.
///
///     pinfold::Pool pool;
///     const pinfold::JobSettings settings;
///     pinfold::detail::KeyedRounds rounds(pool, {}, settings);
///     assert(rounds.take_tables().size() == pinfold::detail::partitions);
class PINFOLD_API KeyedRounds {
  public:
    KeyedRounds(Pool& pool, const MergeSpec& merge, const JobSettings& settings);

    /// Runs the job whose chunks give parts, and the merges. Throws what they throw, and
    /// TooManyKeys where memory is short.
    JobReport run(JobSpec& maps);

    [[nodiscard]] KeyedBlocks take_tables() noexcept { return std::move(tables_); }

  private:
    void take(ResultSlot& slot);
    void merge();
    [[nodiscard]] std::vector<std::byte> merge_job() const;
    [[nodiscard]] JobSettings merge_settings() const;
    [[nodiscard]] std::chrono::nanoseconds deadline_left() const;

    Pool& pool_;
    const MergeSpec& merge_;
    const JobSettings& settings_;
    std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
    std::size_t least_round_bytes_;
    KeyedBlocks parts_;
    KeyedBlocks tables_;
    std::size_t part_bytes_ = 0;
    std::size_t table_bytes_ = 0;
    std::uint64_t merge_deaths_ = 0;
    std::vector<Death> latest_merge_deaths_;
};

/// How many chunks workers begin beyond those that were taken, where the job does not say it: as
/// many as have some MiB of rows together, where a chunk has about `chunk_bytes`.
[[nodiscard]] PINFOLD_API std::uint64_t keyed_look_ahead(const Pool& pool,
                                                         std::uint64_t chunk_bytes);

/// The grain of a keyed job that names none, for an input of `size` bytes or elements of which a
/// chunk is to have no more than `most`. A pure function.
[[nodiscard]] PINFOLD_API std::uint64_t keyed_grain(std::uint64_t size, std::uint64_t least,
                                                    std::uint64_t most);

}  // namespace detail
}  // namespace pinfold
