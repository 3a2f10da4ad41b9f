#pragma once

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <exception>
#include <fstream>
#include <functional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "leftovers.hpp"

#if defined(__SANITIZE_ADDRESS__)
#define PINFOLD_TEST_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define PINFOLD_TEST_ASAN 1
#endif
#endif

namespace pinfold::testing {

#ifdef PINFOLD_TEST_ASAN
inline constexpr bool under_asan = true;
#else
inline constexpr bool under_asan = false;
#endif

/// What ps shows as the process's name.
inline std::string name_of(int pid) {
    std::ifstream comm("/proc/" + std::to_string(pid) + "/comm");
    std::string name;
    std::getline(comm, name);
    return name;
}

/// The live descendants of `host` that ps shows with this beginning, in the order of their pids.
inline std::vector<int> named_below(int host, const std::string& beginning) {
    std::vector<int> found;
    for (const int pid : descendants(host)) {
        if (is_alive(pid) && name_of(pid).starts_with(beginning)) {
            found.push_back(pid);
        }
    }
    std::sort(found.begin(), found.end());
    return found;
}

/// One for each pool of processes. A worker has the same name until it takes its own.
inline std::vector<int> supervisors_of(int host) {
    std::vector<int> found = named_below(host, "pinfold:super");
    std::erase_if(found, [host](int pid) {
        const std::vector<std::string> fields = stat_fields(pid);
        return fields.size() < 2 || fields[1] != std::to_string(host);
    });
    return found;
}

inline std::vector<int> workers_of(int host) {
    return named_below(host, "pinfold:w");
}

/// The supervisor of the only pool of `host`; waits until it has its name.
inline int supervisor_of(int host) {
    std::vector<int> found;
    if (!eventually([&] { return !(found = supervisors_of(host)).empty(); })) {
        throw std::runtime_error("no supervisor below " + std::to_string(host));
    }
    return found.front();
}

/// The workers of `host`, once there are `count`.
inline std::vector<int> workers_of(int host, std::size_t count) {
    std::vector<int> found;
    if (!eventually([&] { return (found = workers_of(host)).size() == count; })) {
        throw std::runtime_error("not " + std::to_string(count) + " workers");
    }
    return found;
}

/// Sends `signal` to process `pid` if it is a child of `parent`. It cannot hit a stranger that got
/// the pid of a child that is gone.
inline bool signal_child(int parent, int pid, int signal) {
    const int process = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
    if (process < 0) {
        return false;
    }
    const std::vector<std::string> fields = stat_fields(pid);
    const bool is_child = fields.size() > 1 && fields[1] == std::to_string(parent);
    const bool sent = is_child && syscall(SYS_pidfd_send_signal, process, signal, nullptr, 0) == 0;
    close(process);
    return sent;
}

inline bool none_alive(const std::vector<int>& pids) {
    return std::none_of(pids.begin(), pids.end(), is_alive);
}

/// Bars core files for the life of the process and its children, since tests crash on purpose.
inline void bar_core_files() {
    const rlimit none{0, 0};
    setrlimit(RLIMIT_CORE, &none);
}

/// Sets the soft limit of this process and leaves the hard one.
inline void limit_softly(__rlimit_resource resource, rlim_t value) {
    rlimit limit{};
    getrlimit(resource, &limit);
    limit.rlim_cur = value;
    setrlimit(resource, &limit);
}

/// A process that plays the host of a pool, so that a test can end it, limit it or change it. Its
/// body reports through `tell`; what it throws is told too, as "threw: ...".
class HostProcess {
  public:
    using Tell = std::function<void(const std::string&)>;

    explicit HostProcess(const std::function<void(const Tell&)>& body) {
        std::array<int, 2> ends{};
        if (pipe2(ends.data(), O_CLOEXEC) != 0) {
            throw std::system_error(errno, std::generic_category(), "pipe2");
        }
        // Beyond what bodies close or limit.
        const int write_end = fcntl(ends[1], F_DUPFD_CLOEXEC, 100);
        close(ends[1]);
        pid_ = fork();
        if (pid_ == 0) {
            close(ends[0]);
            play(body, write_end);
        }
        close(write_end);
        report_ = ends[0];
    }

    ~HostProcess() {
        end(SIGKILL);
        close(report_);
    }
    HostProcess(const HostProcess&) = delete;
    HostProcess& operator=(const HostProcess&) = delete;

    [[nodiscard]] int pid() const noexcept { return pid_; }

    /// The next line that the body told; empty when it has ended.
    std::string next_line() {
        std::string line;
        char letter = 0;
        for (;;) {
            const ssize_t got = read(report_, &letter, 1);
            if (got < 0 && errno == EINTR) {
                continue;
            }
            if (got <= 0 || letter == '\n') {
                return line;
            }
            line += letter;
        }
    }

    /// Sends `signal` and reaps the process. Returns the wait status.
    int end(int signal) {
        if (pid_ > 0) {
            kill(pid_, signal);
        }
        return wait();
    }

    /// Reaps the process once it has ended by itself.
    int wait() {
        if (pid_ > 0) {
            while (waitpid(pid_, &status_, 0) < 0 && errno == EINTR) {
            }
            pid_ = -1;
        }
        return status_;
    }

  private:
    [[noreturn]] static void play(const std::function<void(const Tell&)>& body, int write_end) {
        const Tell tell = [write_end](const std::string& text) {
            const std::string line = text + "\n";
            [[maybe_unused]] const auto written = write(write_end, line.data(), line.size());
        };
        try {
            body(tell);
        } catch (const std::exception& e) {
            tell(std::string("threw: ") + e.what());
        }
        _exit(0);
    }

    int pid_ = -1;
    int report_ = -1;
    int status_ = 0;
};

/// Runs `body` in a host process of its own and returns the one line that it told.
inline std::string told_by_host(const std::function<void(const HostProcess::Tell&)>& body) {
    HostProcess host(body);
    const std::string line = host.next_line();
    host.wait();
    return line;
}

}  // namespace pinfold::testing
