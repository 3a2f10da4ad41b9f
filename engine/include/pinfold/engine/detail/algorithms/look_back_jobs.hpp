#pragma once

// Jobs whose chunks look back, and how they are cut. Not for users.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <pinfold/api.hpp>
#include <pinfold/engine/chunk_plan.hpp>
#include <pinfold/engine/detail/race_checker.hpp>
#include <pinfold/engine/detail/run_job.hpp>
#include <pinfold/engine/detail/stream_jobs.hpp>
#include <pinfold/engine/job_result.hpp>
#include <pinfold/engine/options.hpp>
#include <pinfold/engine/pool.hpp>
#include <pinfold/engine/uint128.hpp>

namespace pinfold::detail {

// A chunk that is read twice stays in a core's own cache meanwhile. It takes some 50 us: workers
// then take chunks one by one, and the partials that one needs are there or about to be. Shorter
// ones are taken several in a row, and a worker would have to wait for the row before its own
// (scan_bench, 10^8 doubles: 64 KiB 1.4 of oneTBB's time, 256 KiB 0.8, 512 KiB to 2 MiB 0.65).
inline constexpr std::size_t most_look_back_bytes = std::size_t{512} << 10;
inline constexpr std::size_t least_look_back_bytes = std::size_t{64} << 10;

// Of a short input, a few for each of some workers.
inline constexpr std::uint64_t chunks_of_short_input = 64;

/// How such a job is cut: a pure function of the input's size and the elements'.
template <typename Input>
ChunkPlan plan_looking_back(const Input& input, const JobSettings& settings,
                            std::size_t element_bytes) {
    if (settings.grain != 0) {
        return ChunkPlan(input.range, settings.grain);
    }
    const std::uint64_t smallest = smallest_grain(input.range);  // refuses what is no range
    const auto grain = static_cast<std::uint64_t>(std::clamp<uint128>(
        input.range.size() / chunks_of_short_input, least_look_back_bytes / element_bytes,
        most_look_back_bytes / element_bytes));
    return ChunkPlan(input.range, std::max({grain, smallest, std::uint64_t{1}}));
}

/// Runs `call` for each chunk, lowest first, so that whoever looks back finds what it needs.
/// `take(chunk)` is called here, for one after the other that is over.
template <typename Call, typename Take>
JobReport run_looking_back(Pool& pool, const ChunkPlan& plan, const Call& call,
                           const JobSettings& settings, const Take& take) {
    using Data = typename Call::Data;
    JobSpec spec = job_spec<Nothing>(plan, settings);
    call.describe(spec);
    spec.call = [](ChunkRow& chunks) {
        Call::with_data(chunks, [](ChunkRow& own) {
            run_row(own, [](const ChunkRow& row) { row.job_as<Data>()(row.chunk()); });
        });
    };
    return run_stream(pool, spec, [&take](std::byte*, const Chunk& chunk) {
        tell_maps_ended();
        take(chunk);
    });
}

}  // namespace pinfold::detail
