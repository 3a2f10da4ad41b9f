#include "scale/process/stray_processes.hpp"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/types.h>
#include <sys/wait.h>

#include <cerrno>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <set>
#include <system_error>
#include <thread>

namespace pinfold::apps {

namespace {

using namespace std::chrono_literals;

/// A child stays one of ours until it is reaped, so its number is that of no other process.
void kill_children(std::set<pid_t>& killed) {
    std::error_code error;
    for (const auto& thread : std::filesystem::directory_iterator("/proc/self/task", error)) {
        std::ifstream children(thread.path() / "children");
        for (pid_t child = 0; children >> child;) {
            kill(child, SIGKILL);
            killed.insert(child);
        }
    }
}

}  // namespace

void adopt_stray_processes() {
    if (prctl(PR_SET_CHILD_SUBREAPER, 1) != 0) {
        throw std::system_error(errno, std::generic_category(), "PR_SET_CHILD_SUBREAPER");
    }
}

int end_stray_processes() {
    constexpr auto patience = 2s;
    const auto until = std::chrono::steady_clock::now() + patience;
    std::set<pid_t> killed;
    while (std::chrono::steady_clock::now() < until) {
        const pid_t reaped = waitpid(-1, nullptr, WNOHANG);
        if (reaped == -1) {
            break;  // there is no child
        }
        if (reaped > 0) {
            continue;
        }
        kill_children(killed);
        std::this_thread::sleep_for(1ms);
    }
    return static_cast<int>(killed.size());
}

}  // namespace pinfold::apps
