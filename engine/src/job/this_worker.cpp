#include <unistd.h>

#include <pinfold/engine/this_worker.hpp>

#include "board/claim_loop.hpp"
#include "tree/worker_process.hpp"
#include "worker_number.hpp"

namespace pinfold {

Worker this_worker() noexcept {
    detail::WorkerHere here = detail::worker_in_map();
    if (here.party == nullptr) {
        here = detail::worker_of_this_process();
    }
    if (here.party == nullptr) {
        return {.pid = getpid()};
    }
    return {static_cast<int>(here.number), here.party->pid.load(std::memory_order_relaxed),
            here.party->bound_cpu()};
}

}  // namespace pinfold
