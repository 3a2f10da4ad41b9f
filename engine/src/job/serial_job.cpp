#include "job/serial_job.hpp"

#include <unistd.h>

#include <memory>

#include "board/boards.hpp"
#include "board/claim_loop.hpp"
#include "clock.hpp"
#include "job/minder.hpp"
#include "job/outcome.hpp"

namespace pinfold::detail {

JobReport run_serially(const JobSpec& spec, const FoldAll& fold_all, int cpu) {
    const auto line = std::make_unique<WorkerLine>();
    const auto board = std::make_unique<Board>();
    const auto control = std::make_unique<Control>();
    line->pid.store(getpid(), std::memory_order_relaxed);
    control->lines = {line.get(), 1};
    control->boards = {board.get(), 1};
    HeapBlocks heap;
    Boards boards(*control, heap, false);

    const std::unique_ptr<JournalFile> journal = open_journal(spec);
    const std::int64_t began = now_ns();
    const Boards::Seat seat = boards.open(spec, journal.get(), [] {});
    advance_if_over(*control, *board);  // for a job without chunks
    JobMinder minder(*board, *spec.settings, journal.get());
    ClaimLoop worker(*control, 0);
    while (!minder.look()) {
        worker.work_on(seat.slot(), [&] { return !minder.look(); });
    }
    minder.finish();
    if (journal) {
        journal->sync();
    }
    return settle_job({*control, *board, *spec.settings, {cpu}, began}, minder.ending(), fold_all);
}

}  // namespace pinfold::detail
