#pragma once

#include <cstdint>
#include <memory>
#include <pinfold/engine/chunk_plan.hpp>
#include <pinfold/engine/limits.hpp>
#include <pinfold/engine/options.hpp>
#include <string>
#include <vector>

#include "timeline/ticks.hpp"
#include "timeline/tracks.hpp"

namespace pinfold::detail {

/// What became of a chunk, beside its times.
struct ChunkNote {
    enum class Kind : std::uint8_t { not_run, committed, lost };

    std::uint16_t worker = 0;
    std::uint8_t attempts = 0;
    Kind kind = Kind::not_run;
};
static_assert(max_workers <= 1 << 16 && most_attempts < 1 << 8);

/// Chunks whose states lie in a row: those of a phase, or a stretch of the job's own.
struct RecordedRun {
    ChunkPlan plan;
    std::uint64_t first_chunk = 0;  // of the plan
    std::uint64_t first_place = 0;
    std::uint64_t chunks = 0;
    std::size_t number = 0;  // of the phase; of the job's own chunks, how many phases it has
    bool is_phase = false;
    std::int64_t ended_ns = 0;  // 0 where it did not end

    [[nodiscard]] Chunk chunk(std::uint64_t place) const noexcept {
        return plan[first_chunk + place - first_place];
    }
};

struct RecordedEvent {
    TrackEvent::Kind kind = TrackEvent::Kind::none;
    WorkerNumber worker = 0;
    int pid = 0;
    std::int64_t at = 0;
    WorkerDeath death;
    std::uint64_t place = TrackLine::nothing;
    std::int64_t began = 0;
};

/// A job as it was copied from its board, in ticks: whatever takes time is done when it is written.
struct RecordedJob {
    Crew crew = Crew::serial;
    std::size_t workers = 0;
    std::string outcome;
    Ticks::Moment began;
    Ticks::Moment ended;
    std::int64_t off_board = 0;     // ticks: the end of all chunks; of a fold, its begin
    std::vector<RecordedRun> runs;  // in the order in which they were run
    std::uint64_t restored = 0;
    int thinning = 0;
    std::vector<RecordedEvent> events;
    std::uint64_t events_left_out = 0;

    // Number i is of the chunk at the place i << thinning.
    std::uint64_t kept = 0;
    std::unique_ptr<ChunkTimes[]> times;
    std::unique_ptr<ChunkNote[]> notes;

    /// Drops every second chunk.
    void thin() noexcept {
        ++thinning;
        kept = (kept + 1) / 2;
        for (std::uint64_t i = 1; i < kept; ++i) {
            times[i] = times[2 * i];
            notes[i] = notes[2 * i];
        }
    }
};

/// A task that has ended, by its last attempt.
struct RecordedTask {
    std::string name;
    WorkerNumber worker = 0;
    int pid = 0;
    std::int64_t began_ns = 0;  // of the monotonic clock
    std::int64_t ended_ns = 0;
    int attempts = 0;
    bool has_failed = false;
};

}  // namespace pinfold::detail
