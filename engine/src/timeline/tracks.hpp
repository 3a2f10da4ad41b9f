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
// A look at a clock lets no instruction of the next chunk begin before those of the last have
// ended, which costs a chunk up to 100 ns (job_bench, chunks of a microsecond: 10 %). So short
// chunks in a row have one look together, and each of them an even part of the time.
//
// Only the times of chunks that are over are read. They are written by the attempt that settled the
// chunk, before it settles the last chunk of those that have one look: nobody else may have it
// meanwhile, and the job is not over before. When a worker dies in the middle, its burial writes
// the times of what it had committed, before it counts that. So each chunk is told once, whatever
// dies, and nothing need be cleared from job to job. A worker that dies inside of note_join()
// leaves an event that nobody published, which is passed over.

#include <atomic>
#include <cstdint>
#include <pinfold/shm/party.hpp>

#include "timeline/ticks.hpp"
#include "worker_death.hpp"
#include "worker_number.hpp"

namespace pinfold::detail {

/// When a chunk ran, in ticks.
struct ChunkTimes {
    std::int64_t began;           // 0: not known
    std::uint64_t took_and_mean;  // it is one of so many in a row, in the lowest bits, alike

    static constexpr int mean_bits = 8;
    static constexpr ChunkTimes of(std::int64_t began, std::uint64_t took,
                                   std::uint64_t mean_of) noexcept {
        return {began, took << mean_bits | mean_of};
    }
    [[nodiscard]] constexpr std::int64_t ended() const noexcept {
        return began + static_cast<std::int64_t>(took_and_mean >> mean_bits);
    }
    [[nodiscard]] constexpr std::uint64_t mean_of() const noexcept {
        return took_and_mean & ((std::uint64_t{1} << mean_bits) - 1);
    }
};
static_assert(sizeof(ChunkTimes) == 16);
inline constexpr std::uint64_t most_chunks_a_look = 16;  // a lease

/// How many chunks in a row have one look: as many as take some 10 to 20 µs, so that looks are
/// a hundredth of that.
class ChunksALook {
  public:
    [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
    void start_over() noexcept { count_ = 1; }

    /// `took` of those, where `aim` is wanted, in ticks.
    void measured(std::int64_t took, std::int64_t aim) noexcept {
        if (took < aim) {
            count_ = count_ < most_chunks_a_look ? 2 * count_ : count_;
        } else if (took > 2 * aim) {
            count_ = count_ > 1 ? count_ / 2 : 1;
        }
    }

  private:
    std::uint64_t count_ = 1;
};
inline constexpr std::int64_t aim_of_a_look_ns = 10'000;

/// What a worker is in the middle of.
struct alignas(shm::cache_line) TrackLine {
    static constexpr std::uint64_t nothing = ~std::uint64_t{0};

    std::atomic<std::uint64_t> place{nothing};  // of the state of the first chunk since the look
    std::atomic<std::int64_t> began{0};         // the look
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
    std::int64_t aim_of_a_look = clock.in(aim_of_a_look_ns);
    int thinning = 0;             // times of one state in 2^thinning are kept
    ChunkTimes* times = nullptr;  // by the places of states
    TrackLine* lines = nullptr;   // by worker
    TrackEvent* events = nullptr;
    std::uint64_t event_room = 0;
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

    /// A worker begins a chunk, and others in a row behind it.
    void begin(WorkerNumber worker, std::uint64_t place, std::int64_t now) const noexcept {
        lines[worker].began.store(now, std::memory_order_relaxed);
        lines[worker].place.store(place, std::memory_order_release);
    }

    /// So many of them are over, but for the commit of the last one.
    void end(WorkerNumber worker, std::uint64_t count, std::int64_t now) const noexcept {
        TrackLine& line = lines[worker];
        write(line.place.load(std::memory_order_relaxed), count,
              line.began.load(std::memory_order_relaxed), now);
        line.place.store(TrackLine::nothing, std::memory_order_release);
    }

    /// The map of the chunk there threw.
    void end_at(WorkerNumber worker, std::uint64_t place) const noexcept;

    void note_join(WorkerNumber worker, int pid) noexcept;

    /// By whoever buries the worker, before others may have its chunk. `named`: the place of the
    /// chunk that its line names; `had_chunk`: it had begun it, and is to leave no times of it.
    void note_death(WorkerNumber worker, const WorkerDeath& death, std::uint64_t named,
                    bool had_chunk, TrackEvent::Kind kind) noexcept;

  private:
    void write(std::uint64_t first, std::uint64_t count, std::int64_t began,
               std::int64_t ended) const noexcept;
    [[nodiscard]] TrackEvent* take() noexcept;
};

}  // namespace pinfold::detail
