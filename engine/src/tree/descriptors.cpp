#include "tree/descriptors.hpp"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <string>
#include <system_error>

namespace pinfold::detail {

namespace {

[[noreturn]] void refuse(const std::string& what) {
    throw std::system_error(errno, std::generic_category(), "a pool of processes needs " + what);
}

Descriptor above_stdio(int number, const char* what) {
    if (number < 0) {
        refuse(what);
    }
    Descriptor opened(number);
    if (number > STDERR_FILENO) {
        return opened;
    }
    Descriptor moved(fcntl(number, F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
    if (moved.number() < 0) {
        refuse(what);
    }
    return moved;
}

}  // namespace

Pipe open_pipe() {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) {
        refuse("a pipe");
    }
    Descriptor write_end(ends[1]);
    Descriptor read_end = above_stdio(ends[0], "a pipe");
    const int number = write_end.number();
    if (number > STDERR_FILENO) {
        return {std::move(read_end), std::move(write_end)};
    }
    return {std::move(read_end), above_stdio(fcntl(number, F_DUPFD_CLOEXEC, 3), "a pipe")};
}

Descriptor open_event() {
    return above_stdio(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "an eventfd");
}

Descriptor open_process(int pid) {
    const auto number = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
    const bool is_forbidden = number < 0 && (errno == ENOSYS || errno == EPERM);
    return above_stdio(number, is_forbidden
                                   ? "pidfd_open (Linux 5.3 or newer, not forbidden by seccomp)"
                                   : "a pidfd");
}

Descriptor open_signals(const sigset_t& signals) {
    return above_stdio(signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK), "a signalfd");
}

void signal_event(const Descriptor& event) noexcept {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = write(event.number(), &one, sizeof one);
}

bool take_event(const Descriptor& event) noexcept {
    std::uint64_t count = 0;
    return read(event.number(), &count, sizeof count) == static_cast<ssize_t>(sizeof count);
}

}  // namespace pinfold::detail
