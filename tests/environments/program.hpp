#pragma once

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include "leftovers.hpp"

namespace pinfold::testing {

/// How a program ended in an environment.
struct Ended {
    std::string report;  ///< all that it wrote to its report
    std::string how;     ///< "by itself", "by signal 11", "not at all"; or why it was not started
    bool was_started = true;
    double seconds = 0;
    std::vector<int> left;  ///< processes that it left
};

/// Runs pool_once with `arguments` after `prepare`, in a process of its own. What prepare() throws
/// makes an environment that this machine cannot give. Ends everything after a minute, which is
/// beyond any promise.
class Program {
  public:
    using Arguments = std::vector<std::string>;

    static Ended run(const std::function<void()>& prepare, const Arguments& arguments) {
        prctl(PR_SET_CHILD_SUBREAPER, 1);  // what it leaves falls to this process, and is seen
        const Program program(prepare, arguments);
        return program.ended_;
    }

  private:
    static constexpr int report_number = 9;
    static constexpr int not_started = 77;
    static constexpr int longest_ms = 60'000;

    Program(const std::function<void()>& prepare, const Arguments& arguments) {
        std::array<int, 2> ends{};
        if (pipe2(ends.data(), O_CLOEXEC) != 0) {
            throw std::runtime_error("pipe2");
        }
        const auto since = std::chrono::steady_clock::now();
        const pid_t pid = fork();
        if (pid == 0) {
            start(prepare, arguments, ends[1]);
        }
        close(ends[1]);
        const bool ended = read_report(ends[0]);
        close(ends[0]);
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - since;
        ended_.seconds = took.count();
        if (!ended) {
            kill(pid, SIGKILL);
        }
        int status = 0;
        waitpid(pid, &status, 0);
        tell(ended, status);
        static_cast<void>(eventually([&] {
            while (waitpid(-1, nullptr, WNOHANG) > 0) {
            }
            ended_.left = descendants(getpid());
            return ended_.left.empty() || !ended;
        }));
        for (const int left : ended_.left) {
            kill(left, SIGKILL);
        }
    }

    [[noreturn]] static void start(const std::function<void()>& prepare, const Arguments& arguments,
                                   int report) {
        // Opened here: the program's file may be out of sight in its environment.
        const int file = open(PINFOLD_POOL_ONCE, O_PATH | O_CLOEXEC);
        std::vector<std::string> all{"pool_once", std::to_string(report_number)};
        all.insert(all.end(), arguments.begin(), arguments.end());
        std::vector<char*> pointers;
        for (std::string& argument : all) {
            pointers.push_back(argument.data());
        }
        pointers.push_back(nullptr);
        try {
            prepare();
        } catch (const std::exception& e) {
            const std::string why = e.what();
            [[maybe_unused]] const auto written = write(report, why.data(), why.size());
            _exit(not_started);
        }
        dup2(report, report_number);
        syscall(SYS_execveat, file, "", pointers.data(), environ, AT_EMPTY_PATH);
        _exit(not_started);
    }

    /// Until the last process that holds the pipe has ended.
    bool read_report(int pipe) {
        std::array<char, 512> text{};
        for (;;) {
            pollfd readable{pipe, POLLIN, 0};
            if (poll(&readable, 1, longest_ms) == 0) {
                return false;
            }
            const ssize_t got = read(pipe, text.data(), text.size());
            if (got <= 0) {
                return true;
            }
            ended_.report.append(text.data(), static_cast<std::size_t>(got));
        }
    }

    void tell(bool ended, int status) {
        if (!ended) {
            ended_.how = "not at all";
        } else if (WIFSIGNALED(status)) {
            ended_.how = "by signal " + std::to_string(WTERMSIG(status));
        } else if (WEXITSTATUS(status) == not_started) {
            ended_.was_started = false;
            ended_.how = ended_.report;
        } else {
            ended_.how = "by itself";
        }
    }

    Ended ended_;
};

/// What is wrong with the end of a program; empty when nothing is. The time is only told.
inline std::string fault_of(const Ended& ended, bool must_work) {
    const bool is_one_line = std::ranges::count(ended.report, '\n') == 1;
    const bool is_error = ended.report.starts_with("error ") && ended.report.size() > 12;
    std::string fault;
    if (ended.how != "by itself") {
        fault += "it ended " + ended.how + "; ";
    }
    if (!is_one_line || (ended.report != "value 499500\n" && (must_work || !is_error))) {
        fault += "it told '" + ended.report + "'; ";
    }
    if (!ended.left.empty()) {
        fault += std::to_string(ended.left.size()) + " processes are left; ";
    }
    return fault;
}

}  // namespace pinfold::testing
