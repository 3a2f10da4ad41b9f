#pragma once

// What workers and the supervisor write for a timeline while a job runs, in shared memory.
//
//   who              writes                                     when
//   worker           TrackLine: the chunk and its begin         before the map is called
//   worker           ChunkTimes of the chunk                    after the map, before the commit
//   worker           TrackEvent: it has come                    when it joins the board first
//   supervisor       TrackEvent: it has died, and at what       at its burial
//   host             reads all of it                            when nobody writes any more
//
// Only the times of chunks that are over are read, and those are written by the attempt that
// settled the chunk, since nobody else may have the chunk meanwhile: so each chunk is told once,
// whatever dies, and nothing need be cleared from job to job. A worker that dies before the commit
// leaves times that the next attempt overwrites. One that dies inside of note_join() leaves an
// event that nobody published, which is passed over.

#include <atomic>
#include <cstdint>
#include <pinfold/shm/party.hpp>

#include "timeline/ticks.hpp"
#include "worker_death.hpp"
#include "worker_number.hpp"

namespace pinfold::detail {

/// When a chunk ran, in ticks.
struct ChunkTimes {
    std::int64_t began;
    std::int64_t ended;
};

/// What a worker is at.
struct alignas(shm::cache_line) TrackLine {
    static constexpr std::uint64_t nothing = ~std::uint64_t{0};

    std::atomic<std::uint64_t> place{nothing};  // of the chunk's state
    std::atomic<std::int64_t> began{0};         // counts only for that chunk
};

/// What became of a worker.
struct TrackEvent {
    enum class Kind : std::uint32_t {
        none,      // taken, and never written
        came,      // its first look at the job
        died,      // with or without a chunk
        was_spent  // a map of its found no memory, and it was to end
    };

    std::atomic<Kind> kind{Kind::none};  // the last that is written
    WorkerNumber worker = 0;
    int pid = 0;
    std::int64_t at = 0;
    WorkerDeath death;
    std::uint64_t place = TrackLine::nothing;  // of the chunk that it had begun, or nothing
    std::int64_t began = 0;                    // when it had, or 0 if that is not known
};
inline constexpr std::uint64_t most_track_events = 4096;  // of one job

struct Tracks {
    Ticks clock = Ticks::of_this_machine();
    int thinning = 0;             // times of one state in 2^thinning are kept
    ChunkTimes* times = nullptr;  // by the places of states
    TrackLine* lines = nullptr;   // by worker
    TrackEvent* events = nullptr;
    std::atomic<std::uint64_t> taken{0};  // of them; may be more than there are

    /// As if no job had been. Its first chunks write the times anew.
    void start_over(int with_thinning) noexcept;

    /// Times of how many states are kept, of so many.
    [[nodiscard]] std::uint64_t kept(std::uint64_t states) const noexcept {
        return (states + (std::uint64_t{1} << thinning) - 1) >> thinning;
    }
    [[nodiscard]] bool keeps(std::uint64_t place) const noexcept {
        return (place & ((std::uint64_t{1} << thinning) - 1)) == 0;
    }
    [[nodiscard]] ChunkTimes& times_of(std::uint64_t place) const noexcept {
        return times[place >> thinning];
    }

    /// A worker begins a chunk.
    void begin(WorkerNumber worker, std::uint64_t place, std::int64_t now) const noexcept {
        lines[worker].began.store(now, std::memory_order_relaxed);
        lines[worker].place.store(place, std::memory_order_release);
    }

    /// The map of the chunk that the worker began has returned or thrown.
    void end(WorkerNumber worker, std::uint64_t place, std::int64_t now) const noexcept {
        times_of(place) = {lines[worker].began.load(std::memory_order_relaxed), now};
    }

    /// The same for a map that threw, if its chunk is one that is kept.
    void end_if_begun(WorkerNumber worker, std::uint64_t place) const noexcept;

    void note_join(WorkerNumber worker, int pid) noexcept;

    /// By whoever buries the worker, before others may have its chunk, of which no times stay.
    /// `had`: the place of the chunk that it had begun, or nothing.
    void note_death(WorkerNumber worker, const WorkerDeath& death, std::uint64_t had,
                    TrackEvent::Kind kind) noexcept;

  private:
    [[nodiscard]] TrackEvent* take() noexcept;
};

}  // namespace pinfold::detail
