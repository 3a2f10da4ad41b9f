#pragma once

// A job's life:
//
//     waiting ──try_open()──► running ──look()──► ended ──close()──► off its board ──settle()──►
//     value
//        └── look(): a stop, the deadline ─────────▲
//
// A job has a board from try_open() to close() and never beyond: what a user's fold does, it does
// while no board is held, so it may run jobs of its own on the same pool, as deep as it likes.

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <pinfold/engine/detail/run_job.hpp>
#include <pinfold/engine/errors.hpp>

#include "board/boards.hpp"
#include "job/recording.hpp"
#include "job/streaming.hpp"
#include "journal/journal_file.hpp"
#include "wait_slice.hpp"

namespace pinfold::detail {

/// How a job came to its end.
enum class Ending { complete, failed, cancelled, timed_out };

/// One job, from its request to its value. Only sleep() waits, so that a thread may look after
/// many.
///
/// Lifetime: `boards`, `spec` and all that it names outlive the run. Thread-safety: one thread at a
/// time. Whoever ends a run before its close() must see that no worker is on its board.
class JobRun {
  public:
    /// Opens the job's journal, if it asks for one; throws JournalError.
    /// `crew` is told to a timeline.
    JobRun(Boards& boards, const JobSpec& spec, Crew crew = Crew::serial);

    /// However the job ended, the blocks of its results are freed now at the latest.
    ~JobRun();
    JobRun(const JobRun&) = delete;
    JobRun& operator=(const JobRun&) = delete;

    /// Puts the job on a board and opens it, if one is free; the caller then calls for workers.
    /// Returns whether the job has a board. Throws what BoardStorage::prepare() throws.
    bool try_open();

    /// Whether its workers are to be watched for a deadline.
    [[nodiscard]] bool has_chunk_deadline() const noexcept {
        return settings_.chunk_deadline.count() != 0;
    }

    /// How many chunks workers may run side by side, now or after a phase: for how many to call. Of
    /// a stream those that were opened to them since the last time; after consume() there may be
    /// more.
    [[nodiscard]] std::uint64_t chunks_to_take();

    /// How many workers have come to the job's board so far.
    [[nodiscard]] std::size_t workers_that_came() const noexcept;

    /// Whether any is there at this moment.
    [[nodiscard]] bool is_worked_on() const noexcept { return seat_ && !seat_->quiet(); }

    /// Whether all chunks are over.
    [[nodiscard]] bool is_complete() const noexcept { return seat_ && seat_->board().complete(); }

    /// Whether all chunks are over, or a stream has a result to consume. Quick, for a caller that
    /// spins.
    [[nodiscard]] bool has_news() const noexcept {
        return is_complete() || (streaming_ && streaming_->is_ready());
    }

    /// Of a stream: consumes results that are ready, for a while. Returns whether there was any;
    /// then more may be. Throws what the consumer throws.
    bool consume() { return streaming_ && !ending_ && streaming_->consume(settings_.stop); }

    /// Of a stream: how many chunks were consumed, or passed since they were skipped.
    [[nodiscard]] std::uint64_t consumed() const noexcept {
        return streaming_ ? streaming_->consumed() : 0;
    }

    /// Looks at the board, the stop token and the deadline, forces the journal to disk and tells
    /// the progress callback when it is time. Returns whether the job has ended; no more chunks
    /// start then.
    bool look();

    /// Sleeps until something may have changed since the last look() or close(), at most for
    /// `longest`. A stop request rings no bell: it is seen at the next look.
    void sleep(std::chrono::nanoseconds longest = wait_slice);

    /// Ends the job, which nobody is to settle, whatever the reason.
    void abandon() noexcept;

    /// After the end: lets no more workers in and gives the board back. Returns false while workers
    /// are still on the board of a job that ended early: what their maps read and write may go only
    /// when they have left. For those of a complete job with phases it waits a while.
    bool close();

    /// After close(): folds a complete job and returns its report, or throws what its end calls
    /// for. Tells the progress callback for the last time.
    JobReport settle(const FoldAll& fold_all);

  private:
    void begin_streaming();
    [[nodiscard]] bool awaits_workers();
    void end(Ending ending) noexcept;
    [[nodiscard]] Progress progress_now() const noexcept;
    void tell_progress_if_due(std::int64_t now);
    void leave_board();
    [[nodiscard]] Results results() const noexcept;
    void free_blocks_on_board() noexcept;
    void free_blocks() noexcept;
    [[nodiscard]] const char* outcome_name() const noexcept;

    Boards& boards_;
    const JobSpec& spec_;
    const JobSettings& settings_;
    const Crew crew_;
    const std::unique_ptr<JournalFile> journal_;
    std::optional<Recording> recording_;  // with a timeline
    const std::int64_t began_ns_;
    std::int64_t closed_ns_ = 0;
    std::int64_t next_progress_ns_;
    std::optional<Boards::Seat> seat_;
    std::optional<Streaming> streaming_;  // of a stream, while it has a board
    std::uint32_t bell_seen_ = 0;
    std::optional<Ending> ending_;
    bool is_abandoned_ = false;

    // What is left of the job when it is off its board.
    Progress progress_;
    bool journal_is_begun_ = false;
    JobReport report_;
    Block results_;
    std::size_t result_stride_ = 0;
    std::uint64_t freed_ = 0;  // of slots: the first ones, whose blocks are freed
    std::optional<JobFailed> failure_;
};

}  // namespace pinfold::detail
