#pragma once

namespace pinfold::detail {

/// How a worker's process ended.
struct WorkerDeath {
    int pid = 0;
    int wait_status = 0;         // as from waitpid()
    bool past_deadline = false;  // it was killed for it
};

}  // namespace pinfold::detail
