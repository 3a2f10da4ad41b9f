#pragma once

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <exception>
#include <system_error>

namespace pinfold::shm {

/// A forked child that runs a function and leaves with its value as the exit code, or with 99 when
/// it throws. Killed, if need be, and reaped by the end of its life.
class ChildProcess {
  public:
    template <typename Body>
    explicit ChildProcess(Body body) : pid_(fork()) {
        if (pid_ < 0) {
            throw std::system_error(errno, std::generic_category(), "fork");
        }
        if (pid_ == 0) {
            int code = 99;
            try {
                code = body();
            } catch (const std::exception&) {
            }
            _exit(code);
        }
    }

    ~ChildProcess() {
        if (!reaped_) {
            kill(SIGKILL);
            (void)exit_code();
        }
    }
    ChildProcess(const ChildProcess&) = delete;
    ChildProcess& operator=(const ChildProcess&) = delete;

    [[nodiscard]] pid_t pid() const noexcept { return pid_; }

    void kill(int signal) const { ::kill(pid_, signal); }

    /// Whether it has ended. It is not reaped by that.
    [[nodiscard]] bool has_ended() const {
        siginfo_t info{};
        return reaped_ ||
               (waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
                info.si_pid == pid_);
    }

    /// Waits for the child's end: its exit code, or the negative number of the signal.
    int exit_code() {
        int status = 0;
        while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
        }
        reaped_ = true;
        return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    }

  private:
    pid_t pid_;
    bool reaped_ = false;
};

}  // namespace pinfold::shm
