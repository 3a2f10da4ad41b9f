#include "shell/output.hpp"

#include <fcntl.h>
#include <fmt/format.h>

#include <cerrno>
#include <system_error>

namespace pinfold::apps {

namespace {

// Large enough that a long table costs few system calls.
constexpr std::size_t buffer_bytes = std::size_t{1} << 16;

[[noreturn]] void throw_errno(const char* what) {
    throw std::system_error(errno, std::generic_category(), what);
}

constexpr const char* cannot_write = "cannot write the result";

}  // namespace

void hold_standard_descriptors() {
    for (int descriptor = STDIN_FILENO; descriptor <= STDERR_FILENO; ++descriptor) {
        if (fcntl(descriptor, F_GETFD) != -1) {
            continue;
        }
        // open() returns the lowest free number, which is this one. The direction is the wrong one
        // on purpose: what is sent there must be an error, not lost.
        const int mode = descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY;
        if (open("/dev/null", mode) != descriptor) {
            throw_errno("cannot open /dev/null in place of a closed standard stream");
        }
    }
}

void check_standard_output() {
    const int flags = fcntl(STDOUT_FILENO, F_GETFL);
    if (flags == -1 || (flags & O_ACCMODE) == O_RDONLY) {
        errno = EBADF;
        throw_errno("standard output is closed, there is nowhere to write the result");
    }
}

void Output::write(std::string_view text) {
    buffer_ += text;
    if (buffer_.size() >= buffer_bytes) {
        flush();
    }
}

void Output::flush() {
    std::string_view rest = buffer_;
    while (!rest.empty()) {
        const ssize_t written = ::write(descriptor_, rest.data(), rest.size());
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written < 0) {
            throw_errno(cannot_write);
        }
        rest.remove_prefix(static_cast<std::size_t>(written));
    }
    buffer_.clear();
}

void Output::finish() {
    flush();
    // Some file systems report a full disk only when a descriptor is closed. Closing a duplicate
    // gets the report and keeps the number taken.
    const int duplicate = fcntl(descriptor_, F_DUPFD_CLOEXEC, 0);
    if (duplicate != -1 && close(duplicate) != 0) {
        throw_errno(cannot_write);
    }
}

std::string escaped(std::string_view text) {
    std::string line;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7f) {
            line += fmt::format("\\x{:02x}", byte);
        } else {
            line += c;
        }
    }
    return line;
}

void print_error(std::string_view message) noexcept {
    try {
        const std::string line = "pinfold: " + escaped(message) + "\n";
        [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, line.data(), line.size());
    } catch (...) {
        // Out of memory while telling that something failed: the exit status still says so.
    }
}

}  // namespace pinfold::apps
