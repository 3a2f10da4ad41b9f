#include "job/serial_job.hpp"

#include <unistd.h>

#include <memory>
#include <pinfold/shm/party.hpp>

#include "board/boards.hpp"
#include "board/claim_loop.hpp"
#include "job/job_run.hpp"

namespace pinfold::detail {

JobReport run_serially(const JobSpec& spec, const FoldAll& fold_all) {
    shm::Party caller;
    caller.pid.store(getpid(), std::memory_order_relaxed);
    shm::Doorbell nobody_sleeps;
    const auto line = std::make_unique<ClaimLine>();
    const auto board = std::make_unique<Board>();
    const auto table = std::make_unique<BoardTable>();
    table->boards = {board.get(), 1};
    table->lines = {line.get(), 1};
    table->workers = {&caller, 1};
    table->work = &nobody_sleeps;
    table->may_lease = true;  // nobody asks for one
    HeapBlocks heap;
    Boards boards(*table, heap, false);

    JobRun run(boards, spec);
    run.try_open();
    ClaimLoop worker(*table, 0);
    while (!run.look()) {
        worker.work_on(0, [&] { return ClaimLoop::Asked{.stays = !run.look()}; });
    }
    run.close();
    return run.settle(fold_all);
}

}  // namespace pinfold::detail
