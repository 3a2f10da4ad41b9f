#include "process/child.hpp"

#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "process/descriptors.hpp"

namespace pinfold::detail {

namespace {

// A negative number is an error and nothing else.
int wait_for(int pidfd, siginfo_t& info, int how) noexcept {
    return waitid(static_cast<idtype_t>(P_PIDFD), static_cast<id_t>(pidfd), &info, how);
}

}  // namespace

Child::Child(pid_t pid) : pid_(pid), pidfd_(open_process(pid), pid) {}

void Child::send(int signal) const noexcept {
    syscall(SYS_pidfd_send_signal, pidfd_.number(), signal, nullptr, 0);
}

bool Child::was_stopped() const noexcept {
    siginfo_t info{};
    return wait_for(pidfd_.number(), info, WSTOPPED | WNOHANG) == 0 && info.si_pid != 0;
}

// ECHILD: the host ignores SIGCHLD, or reaps whatever it finds. Until then the process number is
// that of the child, and serves where the program has closed the pidfd.
std::optional<int> Child::take_exit_code() const noexcept {
    siginfo_t info{};
    const int pidfd = pidfd_.number();
    const int error = pidfd >= 0 ? wait_for(pidfd, info, WEXITED)
                                 : waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG);
    if (error != 0 || info.si_pid == 0) {
        return std::nullopt;
    }
    return info.si_code == CLD_EXITED ? info.si_status : -info.si_status;
}

}  // namespace pinfold::detail
