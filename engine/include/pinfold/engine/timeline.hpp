#pragma once

#include <cstdint>
#include <memory>
#include <pinfold/api.hpp>
#include <string>

namespace pinfold {

namespace detail {
class TimelineStore;
struct TimelineOf;
}  // namespace detail

/// What a Timeline keeps.
struct TimelineOptions {
    /// What viewers show beside each job: a command line, say.
    std::string name{};

    /// How many chunks are kept, of all jobs together; at least 1. Beyond that, of the longest jobs
    /// only every second chunk stays, or every fourth, and so on: those whose number in the job is
    /// a multiple. The file says which: "one_in". Each chunk takes 24 bytes here, and some 100 in
    /// the file.
    std::uint64_t most_chunks = std::uint64_t{1} << 20;
};

/// Records when each chunk of a job ran, and on which worker: a sink that the caller makes and
/// gives to jobs, as JobSettings::timeline. It is written in Chrome's trace format, which
/// ui.perfetto.dev and chrome://tracing open.
///
///     pinfold::Pool pool;
///     pinfold::Timeline timeline({.name = "my job"});
///     const auto r = pinfold::map_reduce(
///         pool, pinfold::Range{0, 10}, [](const pinfold::Chunk& chunk) { return chunk.size(); },
///         std::plus<>{}, {.grain = 1, .timeline = &timeline});
///     assert(r.value == 10 && timeline.jobs() == 1);
///     assert(timeline.to_chrome_json().find(R"("name":"chunk")") != std::string::npos);
///
/// Each job has a track for itself, with its phases and its fold, and one for each of its workers:
/// chunks, waits of a microsecond and more, deaths and new workers. A chunk is told once, by the
/// attempt that committed it; an attempt that died, or threw, is told as such. A job that failed or
/// was stopped leaves what it had done. Jobs may follow each other or run side by side. See
/// docs/tutorial.md for how to read it.
///
/// Tasks, by TaskOptions::timeline, and those of a Batch, by MapOptions::timeline, are on tracks of
/// their own, one for each worker, under their names: "shrink", "shrink[17]" in a batch, "task 3"
/// without one. A task is told when the host learns that it is done: when somebody waits for it or
/// looks, or its pool ends. It is told by the attempt that ended it; of one whose last attempt died
/// there is nothing. As many are kept as most_chunks says.
///
/// Times: nanoseconds since the timeline was made, as microseconds with three digits in the file.
/// Chunks in a row that are shorter than some 10 µs are timed together, up to 16 of them, and have
/// even parts of that time: "mean_of" in the file.
/// Run time: some 10 to 20 ns a chunk, the host's part included; a job without a timeline pays
/// nothing. Memory: that of TimelineOptions::most_chunks, up to 4096
/// jobs and 65536 deaths and new workers; what is beyond is counted in the file. In the pool's
/// arena 16 bytes a chunk.
///
/// Thread-safety: all members; jobs of several threads may share one. Lifetime: it outlives the
/// jobs that it is given to. Fork: a job in a child, or in a worker process, that names a timeline
/// of another process throws std::invalid_argument, for what it would record would be lost.
class PINFOLD_API Timeline {
  public:
    /// Throws std::invalid_argument for most_chunks of 0.
    explicit Timeline(TimelineOptions options = {});
    ~Timeline();
    Timeline(const Timeline&) = delete;
    Timeline& operator=(const Timeline&) = delete;

    [[nodiscard]] const TimelineOptions& options() const noexcept;

    /// How many jobs it has, and how many chunks of them.
    [[nodiscard]] std::uint64_t jobs() const;
    [[nodiscard]] std::uint64_t chunks() const;

    /// How many tasks it has.
    [[nodiscard]] std::uint64_t tasks() const;

    /// One JSON object, with a line for each event.
    [[nodiscard]] std::string to_chrome_json() const;

    /// Writes that to a file, which is made or emptied first. Throws std::system_error that names
    /// the file when it cannot be written, or not to its end.
    void write(const std::string& file) const;

  private:
    friend struct detail::TimelineOf;

    std::unique_ptr<detail::TimelineStore> store_;
};

}  // namespace pinfold
