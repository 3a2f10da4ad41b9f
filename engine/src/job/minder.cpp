#include "job/minder.hpp"

#include <algorithm>

#include "clock.hpp"

namespace pinfold::detail {

namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

// A waiting host looks at its pool at least this often, so no death, stop or lost ring hangs it.
constexpr nanoseconds slice = milliseconds(50);
constexpr std::int64_t progress_interval_ns = nanoseconds(milliseconds(100)).count();

}  // namespace

JobMinder::JobMinder(Board& board, const JobSettings& settings, JournalFile* journal)
    : board_(board),
      settings_(settings),
      journal_(journal),
      began_ns_(now_ns()),
      next_progress_ns_(began_ns_ + progress_interval_ns) {
    for (const PhaseRun& run : board.runs) {
        chunks_total_ += run.plan.size();
    }
}

bool JobMinder::look() {
    if (ended_) {
        return true;
    }
    bell_seen_ = board_.host_bell.value();
    if (board_.complete()) {
        return end(Ending::complete);
    }
    if (board_.stopping.load(std::memory_order_acquire)) {
        return end(Ending::failed);
    }
    if (settings_.stop.stop_requested()) {
        return end(Ending::cancelled);
    }
    if (journal_ != nullptr) {
        journal_->sync_if_due();
    }
    const std::int64_t now = now_ns();
    if (settings_.deadline.count() != 0 && now - began_ns_ >= settings_.deadline.count()) {
        return end(Ending::timed_out);
    }
    if (settings_.progress && now >= next_progress_ns_) {
        next_progress_ns_ = now + progress_interval_ns;
        tell_progress();
    }
    return false;
}

bool JobMinder::end(Ending ending) noexcept {
    ended_ = true;
    ending_ = ending;
    if (ending != Ending::complete) {
        board_.stopping.store(true, std::memory_order_release);
        board_.kill_workers.store(settings_.kill, std::memory_order_release);
    }
    return true;
}

void JobMinder::sleep() {
    nanoseconds longest = slice;
    const std::int64_t now = now_ns();
    if (settings_.deadline.count() != 0) {
        longest = std::min(longest, nanoseconds(began_ns_ + settings_.deadline.count() - now));
    }
    if (settings_.progress) {
        longest = std::min(longest, nanoseconds(next_progress_ns_ - now));
    }
    if (longest.count() > 0) {
        board_.host_bell.wait(bell_seen_, longest);
    }
}

void JobMinder::finish() {
    if (settings_.progress) {
        tell_progress();
    }
}

void JobMinder::tell_progress() {
    std::uint64_t done = 0;
    for (const PhaseRun& run : board_.runs) {
        done += std::min(run.over.load(std::memory_order_relaxed), run.plan.size());
    }
    settings_.progress(Progress{board_.complete() ? chunks_total_ : done, chunks_total_});
}

}  // namespace pinfold::detail
