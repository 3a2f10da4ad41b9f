#include "job/job_run.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

#include "clock.hpp"
#include "handover.hpp"
#include "job/outcome.hpp"

namespace pinfold::detail {

namespace {

using std::chrono::nanoseconds;

// How long a worker may take to leave a board where nothing is left to run: more than the system
// takes to let it run again, and little to a job if one is stopped.
constexpr std::int64_t patience_to_leave_ns = nanoseconds(std::chrono::milliseconds(100)).count();

constexpr std::int64_t progress_interval_ns = nanoseconds(std::chrono::milliseconds(100)).count();

/// Whoever ended a job early counts on its journal.
std::string with_loss(const std::string& journal_lost) {
    return journal_lost.empty() ? journal_lost : "; " + journal_lost;
}

/// In digits that no locale changes.
std::string seconds_text(nanoseconds time) {
    std::array<char, 32> text{};
    const double seconds = std::chrono::duration<double>(time).count();
    return {text.data(), std::to_chars(text.begin(), text.end(), seconds).ptr};
}

[[noreturn]] void throw_timeout(nanoseconds deadline, const std::string& journal_lost) {
    throw Timeout("the job did not end within its deadline of " + seconds_text(deadline) + " s" +
                  with_loss(journal_lost));
}

}  // namespace

JobRun::JobRun(Boards& boards, const JobSpec& spec, Crew crew)
    : boards_(boards),
      spec_(spec),
      settings_(*spec.settings),
      crew_(crew),
      journal_(open_journal(spec)),
      began_ns_(now_ns()),
      next_progress_ns_(began_ns_ + progress_interval_ns),
      progress_{0, spec.plan.size()} {
    if (settings_.timeline != nullptr) {
        recording_.emplace(*settings_.timeline, crew);
    }
}

// Still on a board: its pool is broken, and its workers are gone.
JobRun::~JobRun() {
    if (seat_ && recording_) {
        recording_->copy(boards_.table(), seat_->board(), "broken");
    }
    if (seat_) {
        freed_ = consumed();
        free_blocks_on_board();
    }
    free_blocks();
}

bool JobRun::try_open() {
    if (!seat_ && !ending_) {
        const NoRaces no_races;  // the job's bytes
        std::optional<Boards::Seat> seat = boards_.try_open(spec_, journal_.get(), began_ns_);
        if (seat) {
            seat_.emplace(std::move(*seat));
            begin_streaming();
        }
    }
    return seat_.has_value();
}

// The caller of a serial job consumes what it has just mapped.
void JobRun::begin_streaming() {
    if (spec_.stream != nullptr) {
        std::uint64_t look_ahead = settings_.look_ahead;
        if (crew_ == Crew::serial) {
            look_ahead = 1;
        } else if (look_ahead == 0) {
            look_ahead = default_look_ahead;
        }
        streaming_.emplace(*spec_.stream, spec_.plan, boards_, seat_->board(), look_ahead);
    }
}

std::uint64_t JobRun::chunks_to_take() {
    if (streaming_) {
        return streaming_->take_opened();
    }
    const Board& board = seat_->board();
    std::uint64_t most = 0;
    for (const PhaseRun& run : board.runs.subspan(board.phase.load(std::memory_order_acquire))) {
        most = std::max(most, run.to_run());
    }
    return most;
}

std::size_t JobRun::workers_that_came() const noexcept {
    if (!seat_) {
        return 0;
    }
    const Board& board = seat_->board();
    const std::span tallies(board.tallies, boards_.table().lines.size());
    const auto came = std::ranges::count_if(tallies, [&](const Tally& tally) {
        return tally.generation.load(std::memory_order_acquire) == board.generation;
    });
    return static_cast<std::size_t>(came);
}

bool JobRun::look() {
    if (ending_) {
        return true;
    }
    if (seat_) {
        const Board& board = seat_->board();
        bell_seen_ = board.host_bell.value();
        if (board.complete() && (!streaming_ || streaming_->is_over())) {
            end(Ending::complete);
            return true;
        }
        if (board.stopping.load(std::memory_order_acquire)) {
            end(Ending::failed);
            return true;
        }
    }
    if (settings_.stop.stop_requested()) {
        end(Ending::cancelled);
        return true;
    }
    if (journal_ && seat_) {
        journal_->sync_if_due();
    }
    const std::int64_t now = now_ns();
    if (settings_.deadline.count() != 0 && now - began_ns_ >= settings_.deadline.count()) {
        end(Ending::timed_out);
        return true;
    }
    tell_progress_if_due(now);
    return false;
}

void JobRun::end(Ending ending) noexcept {
    ending_ = ending;
    if (ending != Ending::complete && seat_) {
        Board& board = seat_->board();
        board.stopping.store(true, std::memory_order_release);
        board.kill_workers.store(settings_.kill, std::memory_order_release);
    }
}

void JobRun::abandon() noexcept {
    if (!ending_) {
        is_abandoned_ = true;
        end(Ending::cancelled);
    }
}

void JobRun::sleep(nanoseconds longest) {
    if (!ending_) {
        const std::int64_t now = now_ns();
        if (settings_.deadline.count() != 0) {
            // Not began + deadline: the deadline may be the largest number.
            longest = std::min(longest, settings_.deadline - nanoseconds(now - began_ns_));
        }
        if (settings_.progress && seat_) {
            longest = std::min(longest, nanoseconds(next_progress_ns_ - now));
        }
    }
    if (longest.count() <= 0) {
        return;
    }
    if (streaming_ && !ending_) {
        streaming_->sleep(bell_seen_, longest);
    } else if (seat_) {
        seat_->board().host_bell.wait(bell_seen_, longest);
    } else {
        boards_.wait_for_free(longest);
    }
}

const char* JobRun::outcome_name() const noexcept {
    switch (*ending_) {
        case Ending::complete:
            return "complete";
        case Ending::failed:
            return "failed";
        case Ending::cancelled:
            return is_abandoned_ ? "abandoned" : "cancelled";
        case Ending::timed_out:
            break;
    }
    return "timed out";
}

// Of a complete job, workers that have found nothing to run are about to leave. The memory of its
// phases may be large, and goes at once when they have left.
bool JobRun::awaits_workers() {
    if (*ending_ != Ending::complete) {
        return true;
    }
    const std::int64_t now = now_ns();
    if (closed_ns_ == 0) {
        closed_ns_ = now;
    }
    return !spec_.phases.empty() && now - closed_ns_ < patience_to_leave_ns;
}

bool JobRun::close() {
    if (!seat_) {
        return true;
    }
    seat_->close();
    bell_seen_ = seat_->board().host_bell.value();
    if (awaits_workers() && !seat_->quiet()) {
        return false;
    }
    leave_board();
    return true;
}

void JobRun::leave_board() {
    const Board& board = seat_->board();
    if (settings_.progress) {
        progress_ = progress_now();
    }
    if (board.journal != nullptr) {
        journal_is_begun_ = true;
        journal_->note_loss(board.journal->loss.load(std::memory_order_relaxed));
    }
    if (recording_) {
        recording_->copy(boards_.table(), board, outcome_name());
    }
    freed_ = consumed();
    if (*ending_ == Ending::complete) {
        report_ = report_of(boards_.table(), board, began_ns_, spec_.element_bytes);
        result_stride_ = board.result_stride;
        results_ = seat_->take_results();
    } else {
        free_blocks_on_board();
        if (*ending_ == Ending::failed) {
            failure_ = failure_of(boards_.table(), board);
        }
    }
    streaming_.reset();
    seat_.reset();
}

// Of a job that ended early and has no worker any more: what was committed has its slot written,
// and what a dead worker held is freed by its burial.
void JobRun::free_blocks_on_board() noexcept {
    const Board& board = seat_->board();
    for (; spec_.has_slots && freed_ < board.main_chunks; ++freed_) {
        if (board.kind_of(freed_) == ChunkKind::committed) {
            boards_.free_block_of(
                *reinterpret_cast<const ResultSlot*>(board.results + freed_ * board.result_stride));
        }
    }
}

// Of a complete job, whose results are off the board.
void JobRun::free_blocks() noexcept {
    if (spec_.has_slots && results_.data() != nullptr) {
        const Results results = this->results();
        results.for_each([&](std::uint64_t i) {
            if (i >= freed_) {
                boards_.free_block_of(results.at<ResultSlot>(i));
            }
        });
        freed_ = results.count;
    }
}

Results JobRun::results() const noexcept {
    return {static_cast<const std::byte*>(results_.data()), result_stride_, spec_.plan.size(),
            &report_.skipped};
}

JobReport JobRun::settle(const FoldAll& fold_all) {
    if (journal_is_begun_) {
        report_.journal_lost = journal_->finish();
    }
    if (settings_.progress) {
        settings_.progress(progress_);
    }
    switch (*ending_) {
        case Ending::complete:
            break;
        case Ending::failed:
            throw JobFailed(*failure_);
        case Ending::cancelled:
            throw Cancelled("the job was cancelled by its stop_token" +
                            with_loss(report_.journal_lost));
        case Ending::timed_out:
            throw_timeout(settings_.deadline, report_.journal_lost);
    }
    if (spec_.stream == nullptr) {
        fold_all(results());
    }
    free_blocks();
    boards_.give_back_results(std::move(results_));
    report_.seconds = static_cast<double>(now_ns() - began_ns_) * 1e-9;
    return std::move(report_);
}

Progress JobRun::progress_now() const noexcept {
    const Board& board = seat_->board();
    Progress progress;
    for (const PhaseRun& run : board.runs) {
        progress.chunks_total += run.plan.size();
        progress.chunks_done += std::min(run.over.load(std::memory_order_relaxed), run.plan.size());
    }
    if (board.complete()) {
        progress.chunks_done = progress.chunks_total;
    }
    return progress;
}

void JobRun::tell_progress_if_due(std::int64_t now) {
    if (settings_.progress && seat_ && now >= next_progress_ns_) {
        next_progress_ns_ = now + progress_interval_ns;
        settings_.progress(progress_now());
    }
}

}  // namespace pinfold::detail
