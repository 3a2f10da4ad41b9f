#include "command.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <thread>

namespace pinfold::apps {

namespace {

using Clock = std::chrono::steady_clock;

// Long enough for a machine that is loaded many times over.
constexpr auto patience = std::chrono::seconds(60);

struct Pipe {
    int read_end = -1;
    int write_end = -1;
};

Pipe make_pipe() {
    std::array<int, 2> ends{};
    EXPECT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
    return {ends[0], ends[1]};
}

void close_and_forget(int& descriptor) {
    if (descriptor != -1) {
        close(descriptor);
        descriptor = -1;
    }
}

/// In the child: gives descriptor 1 its meaning. False if the system refuses it.
bool arrange_stdout(Stdout where, int write_end) {
    switch (where) {
        case Stdout::captured:
            return dup2(write_end, STDOUT_FILENO) != -1;
        case Stdout::closed:
            return close(STDOUT_FILENO) == 0;
        case Stdout::full_disk:
            return dup2(::open("/dev/full", O_WRONLY | O_CLOEXEC), STDOUT_FILENO) != -1;
        case Stdout::closed_pipe: {
            std::array<int, 2> ends{};
            return pipe(ends.data()) == 0 && dup2(ends[1], STDOUT_FILENO) != -1 &&
                   close(ends[0]) == 0 && close(ends[1]) == 0;
        }
    }
    return false;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> result;
    for (std::string& text : texts) {
        result.push_back(text.data());
    }
    result.push_back(nullptr);
    return result;
}

/// The mask of signals that a process blocks, bit 0 for signal 1; 0 if it is gone.
std::uint64_t blocked_signals(pid_t process) {
    std::ifstream status("/proc/" + std::to_string(process) + "/status");
    const std::string key = "SigBlk:";
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with(key)) {
            return std::stoull(line.substr(key.size()), nullptr, 16);
        }
    }
    return 0;
}

/// Reaps what the command left to us; true if something still lives after all patience.
bool processes_stay() {
    const auto deadline = Clock::now() + patience;
    while (Clock::now() < deadline) {
        const pid_t reaped = waitpid(-1, nullptr, WNOHANG);
        if (reaped == -1 && errno == ECHILD) {
            return false;
        }
        if (reaped == 0) {
            std::this_thread::sleep_for(std::chrono::milliseconds(2));
        }
    }
    return true;
}

}  // namespace

Command::Command(const Arguments& arguments, Stdout where, const Arguments& environment) {
    // Orphans of the command become children of the test, which can then wait for them.
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    std::vector<std::string> words{PINFOLD_COMMAND};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> argv = pointers(words);
    std::vector<std::string> added = environment;
    const Pipe output = make_pipe();
    const Pipe error = make_pipe();
    pid_ = fork();
    if (pid_ == 0) {
        setpgid(0, 0);
        for (std::string& variable : added) {
            putenv(variable.data());
        }
        if (arrange_stdout(where, output.write_end) && dup2(error.write_end, STDERR_FILENO) != -1) {
            execv(PINFOLD_COMMAND, argv.data());
        }
        _exit(127);
    }
    close(output.write_end);
    close(error.write_end);
    output_ = output.read_end;
    error_ = error.read_end;
}

Command::~Command() {
    if (pid_ != -1) {
        kill(-pid_, SIGKILL);
        finish();
    }
}

void Command::signal(int number) const {
    EXPECT_EQ(kill(pid_, number), 0);
}

void Command::signal_group(int number) const {
    EXPECT_EQ(kill(-pid_, number), 0);
}

bool Command::wait_for_error_text() {
    const auto deadline = Clock::now() + patience;
    while (outcome_.error.empty() && error_ != -1 && Clock::now() < deadline) {
        read_some(100);
    }
    return !outcome_.error.empty();
}

bool Command::wait_until_it_blocks(int signal) {
    const auto deadline = Clock::now() + patience;
    while (Clock::now() < deadline) {
        if ((blocked_signals(pid_) >> (signal - 1) & 1) != 0) {
            return true;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return false;
}

void Command::read_some(int timeout_ms) {
    // poll() passes over descriptors of -1.
    std::array<pollfd, 2> events{pollfd{output_, POLLIN, 0}, pollfd{error_, POLLIN, 0}};
    if (poll(events.data(), events.size(), timeout_ms) <= 0) {
        return;
    }
    const auto take = [](const pollfd& event, int& descriptor, std::string& text) {
        if (event.revents == 0) {
            return;
        }
        std::array<char, 65536> part{};
        const ssize_t got = read(descriptor, part.data(), part.size());
        if (got <= 0) {
            close_and_forget(descriptor);
        } else {
            text.append(part.data(), static_cast<std::size_t>(got));
        }
    };
    take(events[0], output_, outcome_.output);
    take(events[1], error_, outcome_.error);
}

Outcome Command::finish() {
    // The pipes end when the command and all of its workers are gone.
    while (open()) {
        read_some(-1);
    }
    int status = 0;
    EXPECT_EQ(waitpid(pid_, &status, 0), pid_);
    pid_ = -1;
    outcome_.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    outcome_.processes_left = processes_stay();
    return outcome_;
}

Outcome run_command(const Command::Arguments& arguments, Stdout where,
                    const Command::Arguments& environment) {
    return Command(arguments, where, environment).finish();
}

std::string output_of(const Command::Arguments& arguments) {
    const Outcome outcome = run_command(arguments);
    EXPECT_EQ(outcome.status, 0) << outcome.error;
    EXPECT_EQ(outcome.error, "");
    EXPECT_FALSE(outcome.processes_left);
    return outcome.output;
}

}  // namespace pinfold::apps
