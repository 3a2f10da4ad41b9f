#include "process/strangers.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <pinfold/shm/descriptor.hpp>

#include "process/proc_text.hpp"

namespace pinfold::detail {

namespace {

constexpr pid_t largest_pid = 4'194'304;  // PID_MAX_LIMIT of 64-bit kernels

// An unreaped child keeps its number. What a /proc of another PID namespace lists is no child.
bool is_child(pid_t pid) noexcept {
    siginfo_t info{};
    return waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

bool kill_if_stranger(std::span<const pid_t> known, pid_t pid) noexcept {
    return std::ranges::find(known, pid) == known.end() && is_child(pid) && kill(pid, SIGKILL) == 0;
}

/// Reads numbers, each with a space behind it. Returns whether there was a list at all.
bool kill_listed(int list, std::span<const pid_t> known) noexcept {
    std::array<char, 4096> text{};
    pid_t child = 0;
    ssize_t got = 0;
    while ((got = read(list, text.data(), text.size())) > 0) {
        for (const char letter : std::span(text).first(static_cast<std::size_t>(got))) {
            if (letter != ' ') {
                child = child * 10 + (letter - '0');
            } else {
                kill_if_stranger(known, child);
                child = 0;
            }
        }
    }
    return got == 0;
}

}  // namespace

void kill_strangers(std::span<const pid_t> known, Search search) noexcept {
    const shm::Descriptor list(open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC));
    if (kill_listed(list.number(), known) || search == Search::listed) {
        return;
    }
    // It takes a second to ask for all numbers. A child mostly comes soon after its parent.
    const pid_t own = getpid();
    for (pid_t offset = 0; offset < largest_pid; ++offset) {
        if (kill_if_stranger(known, 1 + (own + offset) % largest_pid)) {
            return;
        }
    }
}

// The pidfd comes first: what has the name then is what is killed.
void kill_process_named(pid_t pid, const char* name) noexcept {
    const shm::Descriptor process(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
    const ProcText its_name("/proc/", pid, "/comm");
    if (its_name.text().substr(0, its_name.text().find('\n')) == name) {
        syscall(SYS_pidfd_send_signal, process.number(), SIGKILL, nullptr, 0);
    }
}

}  // namespace pinfold::detail
