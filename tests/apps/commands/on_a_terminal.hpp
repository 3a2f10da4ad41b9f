#pragma once

#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string>
#include <vector>

namespace pinfold::apps {

using Words = std::vector<std::string>;

/// A pinfold command whose three standard streams are a terminal of its own.
class OnATerminal {
  public:
    /// `type` is the terminal's TERM, or "" for none; `environment` holds "NAME=value".
    OnATerminal(Words arguments, unsigned columns, const std::string& type = "xterm",
                Words environment = {}) {
        arguments.insert(arguments.begin(), PINFOLD_COMMAND);
        std::vector<char*> argv;
        for (std::string& word : arguments) {
            argv.push_back(word.data());
        }
        argv.push_back(nullptr);
        winsize size = size_of(columns);
        pid_ = forkpty(&terminal_, nullptr, nullptr, &size);
        if (pid_ == 0) {
            type.empty() ? unsetenv("TERM") : setenv("TERM", type.c_str(), 1);
            for (std::string& variable : environment) {
                putenv(variable.data());
            }
            execv(PINFOLD_COMMAND, argv.data());
            _exit(127);
        }
    }

    ~OnATerminal() {
        if (pid_ > 0) {
            kill(pid_, SIGKILL);
            waitpid(pid_, nullptr, 0);
        }
        close(terminal_);
    }
    OnATerminal(const OnATerminal&) = delete;
    OnATerminal& operator=(const OnATerminal&) = delete;

    [[nodiscard]] bool exists() const { return pid_ > 0; }

    /// All that has come when `text` has come behind byte `from`, or when the command has ended.
    const std::string& wait_for(const std::string& text, std::size_t from = 0) {
        while (seen_.find(text, from) == std::string::npos && read_some()) {
        }
        return seen_;
    }

    void type(char key) const { EXPECT_EQ(write(terminal_, &key, 1), 1); }

    void resize(unsigned columns, unsigned rows = 24) const {
        winsize size = size_of(columns, rows);
        EXPECT_EQ(ioctl(terminal_, TIOCSWINSZ, &size), 0);
    }

    /// All that the command wrote, and its exit status.
    std::string finish(int& status) {
        while (read_some()) {
        }
        int raw = 0;
        EXPECT_EQ(waitpid(pid_, &raw, 0), pid_);
        pid_ = -1;
        status = WIFEXITED(raw) ? WEXITSTATUS(raw) : -1;
        return seen_;
    }

  private:
    static winsize size_of(unsigned columns, unsigned rows = 24) {
        return {static_cast<unsigned short>(rows), static_cast<unsigned short>(columns), 0, 0};
    }

    bool read_some() {
        std::array<char, 4096> part{};
        const ssize_t got = read(terminal_, part.data(), part.size());
        seen_.append(part.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
        return got > 0;
    }

    int terminal_ = -1;
    pid_t pid_ = -1;
    std::string seen_;
};

#define SKIP_WITHOUT(command) \
    if (!(command).exists())  \
    GTEST_SKIP() << "this machine gives no pseudo-terminal"

inline constexpr char ctrl_c = '\x03';

}  // namespace pinfold::apps
