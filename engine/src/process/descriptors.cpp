#include "process/descriptors.hpp"

#include <fcntl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>

#include "process/why_refused.hpp"

namespace pinfold::detail {

namespace {

[[noreturn]] void refuse(const std::string& what) {
    throw refusal(errno, "a pool of processes needs " + what);
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

Link open_link() {
    std::array<int, 2> ends{};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
        refuse("a pair of sockets");
    }
    Descriptor tree(ends[1]);
    Descriptor host = above_stdio(ends[0], "a pair of sockets");
    const int number = tree.number();
    if (number > STDERR_FILENO) {
        return {std::move(host), std::move(tree)};
    }
    return {std::move(host), above_stdio(fcntl(number, F_DUPFD_CLOEXEC, 3), "a pair of sockets")};
}

Descriptor open_process(int pid) {
    const auto number = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
    return above_stdio(number, number < 0 && errno == ENOSYS ? "pidfd_open, of Linux 5.3 or newer"
                                                             : "a descriptor of a process");
}

Descriptor open_signals(const sigset_t& signals) {
    return above_stdio(signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK), "a signalfd");
}

}  // namespace pinfold::detail
