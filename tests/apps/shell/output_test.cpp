#include "shell/output.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <array>
#include <csignal>
#include <string>
#include <system_error>

namespace pinfold::apps {
namespace {

int error_of_writing(int descriptor, std::size_t bytes) {
    std::signal(SIGPIPE, SIG_IGN);
    Output output(descriptor);
    try {
        output.write(std::string(bytes, 'x'));
        output.finish();
    } catch (const std::system_error& error) {
        return error.code().value();
    }
    return 0;
}

TEST(Output, ReportsAFullDisk) {
    const int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    if (full == -1) {
        GTEST_SKIP() << "this machine has no /dev/full";
    }
    EXPECT_EQ(error_of_writing(full, 1), ENOSPC);
    EXPECT_EQ(error_of_writing(full, 1 << 20), ENOSPC);
    close(full);
}

TEST(Output, ReportsAReaderThatWentAway) {
    std::array<int, 2> ends{};
    ASSERT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
    close(ends[0]);
    EXPECT_EQ(error_of_writing(ends[1], 1), EPIPE);
    close(ends[1]);
}

TEST(Output, ReportsAFullPipeThatMustNotBlock) {
    std::array<int, 2> ends{};
    ASSERT_EQ(pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK), 0);
    EXPECT_EQ(error_of_writing(ends[1], 1 << 22), EAGAIN);
    close(ends[0]);
    close(ends[1]);
}

TEST(Output, ReportsADescriptorThatIsNotOpen) {
    EXPECT_EQ(error_of_writing(-1, 1), EBADF);
}

TEST(Output, KeepsTheDescriptorOpen) {
    std::array<int, 2> ends{};
    ASSERT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
    EXPECT_EQ(error_of_writing(ends[1], 3), 0);
    EXPECT_EQ(error_of_writing(ends[1], 2), 0);
    close(ends[1]);
    std::array<char, 8> text{};
    EXPECT_EQ(read(ends[0], text.data(), text.size()), 5);
    close(ends[0]);
}

/// The exit code of `body`, which runs in a child of its own.
template <typename Body>
int in_child(Body body) {
    const pid_t child = fork();
    if (child == 0) {
        _exit(body());
    }
    int status = 0;
    EXPECT_EQ(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(StandardDescriptors, AreTakenWhenTheyWereClosed) {
    EXPECT_EQ(in_child([] {
                  close(STDIN_FILENO);
                  close(STDOUT_FILENO);
                  close(STDERR_FILENO);
                  hold_standard_descriptors();
                  const int next = open("/dev/null", O_RDONLY);
                  return next > STDERR_FILENO ? 0 : 1;
              }),
              0);
}

TEST(StandardDescriptors, ThatWereClosedCannotBeWrittenTo) {
    EXPECT_EQ(in_child([] {
                  close(STDOUT_FILENO);
                  hold_standard_descriptors();
                  try {
                      check_standard_output();
                      return 1;
                  } catch (const std::system_error&) {
                  }
                  return write(STDOUT_FILENO, "x", 1) == -1 ? 0 : 2;
              }),
              0);
}

TEST(StandardDescriptors, StayAsTheyAreWhenOpen) {
    EXPECT_EQ(in_child([] {
                  std::array<int, 2> ends{};
                  if (pipe(ends.data()) != 0 || dup2(ends[1], STDOUT_FILENO) != STDOUT_FILENO) {
                      return 1;
                  }
                  hold_standard_descriptors();
                  check_standard_output();
                  char letter = 0;
                  const bool through = write(STDOUT_FILENO, "x", 1) == 1 &&
                                       read(ends[0], &letter, 1) == 1 && letter == 'x';
                  return through ? 0 : 2;
              }),
              0);
}

TEST(ErrorLine, StaysOneLine) {
    std::array<int, 2> ends{};
    ASSERT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
    EXPECT_EQ(in_child([&] {
                  dup2(ends[1], STDERR_FILENO);
                  print_error("'1\n2\x1b[2J'");
                  return 0;
              }),
              0);
    close(ends[1]);
    std::array<char, 128> text{};
    const ssize_t got = read(ends[0], text.data(), text.size());
    ASSERT_GT(got, 0);
    EXPECT_EQ(std::string(text.data(), static_cast<std::size_t>(got)),
              "pinfold: '1\\x0a2\\x1b[2J'\n");
    close(ends[0]);
}

}  // namespace
}  // namespace pinfold::apps
