#include "program.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "engine/leftovers.hpp"

namespace pinfold::apps {

namespace {

/// What was written there, which is closed.
std::string all_of(int& descriptor) {
    std::string text;
    std::array<char, 4096> part{};
    lseek(descriptor, 0, SEEK_SET);
    for (ssize_t got = 0; (got = read(descriptor, part.data(), part.size())) > 0;) {
        text.append(part.data(), static_cast<std::size_t>(got));
    }
    close(descriptor);
    descriptor = -1;
    return text;
}

}  // namespace

Program::Program(const std::string& path, std::vector<std::string> arguments,
                 const std::function<void()>& prepare)
    : output_(memfd_create("output", MFD_CLOEXEC)), error_(memfd_create("error", MFD_CLOEXEC)) {
    EXPECT_EQ(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
    arguments.insert(arguments.begin(), path);
    std::vector<char*> words;
    for (std::string& argument : arguments) {
        words.push_back(argument.data());
    }
    words.push_back(nullptr);
    pid_ = fork();
    EXPECT_GE(pid_, 0);
    if (pid_ == 0) {
        setpgid(0, 0);
        dup2(output_, STDOUT_FILENO);
        dup2(error_, STDERR_FILENO);
        prepare();
        execv(path.c_str(), words.data());
        _exit(127);
    }
    setpgid(pid_, pid_);
}

Program::~Program() {
    if (pid_ > 0) {
        kill(pid_, SIGKILL);
        finish();
    }
}

void Program::signal_group(int number) const {
    EXPECT_EQ(kill(-pid_, number), 0);
}

Program::Outcome Program::finish() {
    Outcome outcome;
    int status = 0;
    EXPECT_EQ(waitpid(pid_, &status, 0), pid_);
    outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    pid_ = -1;
    EXPECT_TRUE(testing::eventually([] {
        while (waitpid(-1, nullptr, WNOHANG) > 0) {
        }
        return testing::descendants(getpid()).empty();
    })) << "something that it started is left";
    outcome.output = all_of(output_);
    outcome.error = all_of(error_);
    return outcome;
}

Program::Outcome outcome_of(const std::string& path, std::vector<std::string> arguments,
                            const std::function<void()>& prepare) {
    return Program(path, std::move(arguments), prepare).finish();
}

void close_output() {
    std::array<int, 2> ends{};
    if (pipe(ends.data()) != 0 || dup2(ends[1], STDOUT_FILENO) < 0) {
        _exit(126);
    }
    close(ends[0]);
    close(ends[1]);
}

}  // namespace pinfold::apps
