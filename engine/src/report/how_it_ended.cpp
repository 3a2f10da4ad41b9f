#include "report/how_it_ended.hpp"

#include <sys/wait.h>

#include <cstring>

namespace pinfold::detail {

std::string how_it_ended(const WorkerDeath& death) {
    if (death.past_deadline) {
        return "killed past the chunk deadline";
    }
    if (WIFSIGNALED(death.wait_status)) {
        const int signal = WTERMSIG(death.wait_status);
        const char* const name = sigdescr_np(signal);
        return "signal " + std::to_string(signal) + " (" + (name != nullptr ? name : "unknown") +
               ")";
    }
    return "exit code " + std::to_string(WEXITSTATUS(death.wait_status));
}

}  // namespace pinfold::detail
