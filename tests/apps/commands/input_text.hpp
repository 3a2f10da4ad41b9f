#pragma once

// Files and streams that a command reads, and the errors that it tells of them.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <string>

#include "command.hpp"

namespace pinfold::apps {

inline void expect_error(const Outcome& outcome, int status, const std::string& message) {
    EXPECT_EQ(outcome.status, status);
    EXPECT_TRUE(outcome.error.starts_with("pinfold: " + message)) << outcome.error;
    EXPECT_EQ(std::ranges::count(outcome.error, '\n'), 1) << outcome.error;
    EXPECT_FALSE(outcome.processes_left);
}

/// A file that is gone after the test.
class TextFile {
  public:
    explicit TextFile(const std::string& content, const std::string& name = "text")
        : path_(testing::TempDir() + "pinfold-" + name + "-" + std::to_string(getpid())) {
        std::ofstream(path_, std::ios::binary) << content;
    }
    ~TextFile() { std::filesystem::remove(path_); }
    TextFile(const TextFile&) = delete;
    TextFile& operator=(const TextFile&) = delete;

    [[nodiscard]] const std::string& path() const { return path_; }

  private:
    std::string path_;
};

/// The end of a pipe that holds `content` alone, which must be less than a pipe takes unread.
inline int pipe_with(const std::string& content) {
    std::array<int, 2> ends{};
    EXPECT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
    EXPECT_EQ(write(ends[1], content.data(), content.size()), static_cast<ssize_t>(content.size()));
    close(ends[1]);
    return ends[0];
}

/// Gives the test, and so the commands that it starts, another standard input.
class StandardInput {
  public:
    explicit StandardInput(int descriptor) : saved_(fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)) {
        EXPECT_EQ(dup2(descriptor, STDIN_FILENO), STDIN_FILENO);
        close(descriptor);
    }
    ~StandardInput() {
        dup2(saved_, STDIN_FILENO);
        close(saved_);
    }
    StandardInput(const StandardInput&) = delete;
    StandardInput& operator=(const StandardInput&) = delete;

  private:
    int saved_;
};

}  // namespace pinfold::apps
