#include "journal/journal_handle.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

namespace pinfold::detail {

namespace {

/// Writes both parts one behind the other, whatever the system takes at a time.
int write_both(int file, iovec first, iovec second, off_t at) noexcept {
    while (first.iov_len + second.iov_len != 0) {
        const std::array<iovec, 2> parts{first, second};
        const ssize_t wrote = pwritev(file, parts.data(), parts.size(), at);
        if (wrote < 0 && errno != EINTR) {
            return errno;
        }
        if (wrote == 0) {
            return ENOSPC;
        }
        for (auto left = static_cast<std::size_t>(wrote < 0 ? 0 : wrote); left != 0;) {
            iovec& part = first.iov_len != 0 ? first : second;
            const std::size_t taken = left < part.iov_len ? left : part.iov_len;
            part.iov_base = static_cast<std::byte*>(part.iov_base) + taken;
            part.iov_len -= taken;
            left -= taken;
            at += static_cast<off_t>(taken);
        }
    }
    return 0;
}

}  // namespace

bool identify(int file, FileIdentity& identity) noexcept {
    struct stat status {};
    if (fstat(file, &status) != 0) {
        return false;
    }
    identity = {status.st_dev, status.st_ino};
    return true;
}

shm::Descriptor open_file(const char* path, int flags) noexcept {
    constexpr mode_t readable_and_writable = 0666;
    shm::Descriptor opened(open(path, flags | O_CLOEXEC | O_NOCTTY, readable_and_writable));
    if (opened.number() < 0 || opened.number() > STDERR_FILENO) {
        return opened;
    }
    return shm::Descriptor(fcntl(opened.number(), F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
}

JournalHandle::JournalHandle(shm::Descriptor file, const FileIdentity& identity,
                             std::uint64_t file_bytes, const JournalSlots& slots)
    : identity_(identity), file_bytes_(file_bytes), slots_(slots) {
    if (file.number() >= 0) {
        file_ = std::make_unique<HostOnly>(std::move(file));
    }
}

int JournalHandle::write(std::uint64_t index, const std::byte* result) const noexcept {
    const int file = number();
    struct stat status {};
    if (fstat(file, &status) != 0) {
        return EBADF;
    }
    if (static_cast<std::uint64_t>(status.st_size) < file_bytes_) {
        return ENODATA;
    }
    // The kernel answers a write beyond this limit by a deadly signal, and a user's code may change
    // the limit at any time.
    rlimit limit{};
    if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur < file_bytes_) {
        return EFBIG;
    }
    SlotHead head = slots_.head(index, result);
    return write_both(file, {&head, sizeof head},
                      {const_cast<std::byte*>(result), slots_.result_bytes()},
                      static_cast<off_t>(slots_.offset(index)));
}

}  // namespace pinfold::detail
