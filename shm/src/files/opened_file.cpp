#include "files/opened_file.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <limits>
#include <new>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <utility>

namespace pinfold::shm {

namespace {

// A path is kept where all processes see it, in as much as the system takes.
constexpr std::size_t longest_path = 4095;

constexpr std::chrono::milliseconds time_between_tries{5};

std::string absolute_path(const std::string& path) {
    if (path.find('\0') != std::string::npos) {
        throw std::invalid_argument("file " + std::string(path.c_str()) +
                                    ": has a zero byte in its name");
    }
    if (path.empty()) {
        refuse_file(ENOENT, "''", "has an empty path");
    }
    std::error_code error;
    std::string absolute = std::filesystem::absolute(path, error);
    if (error) {
        refuse_file(error.value(), path, "has no absolute path");
    }
    if (absolute.size() > longest_path) {
        refuse_file(ENAMETOOLONG, path, "cannot be opened");
    }
    return absolute;
}

const char* kind_of(mode_t mode) noexcept {
    switch (mode & S_IFMT) {
        case S_IFDIR:
            return "a directory";
        case S_IFIFO:
            return "a pipe";
        case S_IFSOCK:
            return "a socket";
        default:
            return "a device";
    }
}

void require_regular(mode_t mode, const std::string& path) {
    if (!S_ISREG(mode)) {
        throw std::invalid_argument("file " + path + ": is " + kind_of(mode) +
                                    ", and only regular files can be mapped");
    }
}

/// Looks before it is opened: to open a device may have effects.
void require_regular_at(const std::string& path) {
    struct stat status {};
    if (stat(path.c_str(), &status) == 0) {
        require_regular(status.st_mode, path);
    }
}

OpenedFile examined(Descriptor descriptor, const std::string& path) {
    OpenedFile opened{std::move(descriptor), {}, path};
    struct stat status {};
    if (fstat(opened.descriptor.number(), &status) != 0 ||
        !identify(opened.descriptor.number(), opened.identity)) {
        refuse_file(errno, path, "cannot be examined");
    }
    require_regular(status.st_mode, path);
    return opened;
}

/// What the system writes while it is read, as in /proc, says that it has no bytes.
void require_true_size(const OpenedFile& opened) {
    char first = 0;
    if (opened.identity.bytes == 0 && pread(opened.descriptor.number(), &first, 1, 0) > 0) {
        throw std::invalid_argument("file " + opened.path +
                                    ": has no size, as files in /proc have none, and cannot be "
                                    "mapped: copy it to a regular file");
    }
}

/// A file longer than RLIMIT_FSIZE is not an error to the kernel but a deadly SIGXFSZ.
void require_file_size_allowed(const std::string& path, std::size_t bytes) {
    if (bytes > static_cast<std::size_t>(std::numeric_limits<off_t>::max())) {
        refuse_file(EFBIG, path, "cannot have " + std::to_string(bytes) + " bytes");
    }
    rlimit limit{};
    if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY &&
        limit.rlim_cur < bytes) {
        refuse_file(EFBIG, path,
                    "cannot have " + std::to_string(bytes) +
                        " bytes: the file size limit (ulimit -f) is " +
                        std::to_string(limit.rlim_cur) + " bytes");
    }
}

/// What make_room() leaves when it fails: the file as it was.
void undo(const OpenedFile& opened, bool is_made) noexcept {
    if (opened.identity.bytes == 0) {
        static_cast<void>(ftruncate(opened.descriptor.number(), 0) == 0);
    }
    struct stat status {};
    if (is_made && stat(opened.path.c_str(), &status) == 0 &&
        status.st_ino == opened.identity.inode && status.st_dev == opened.identity.device) {
        unlink(opened.path.c_str());
    }
}

/// Also for what has its size already: it may be sparse.
void make_room(const OpenedFile& opened, std::size_t bytes, bool is_made,
               std::chrono::milliseconds patience) {
    if (bytes == 0) {
        return;
    }
    const auto give_up = std::chrono::steady_clock::now() + patience;
    const auto is_worth_another = [&](int error) {
        return error == EINTR || (error == ENOSPC && std::chrono::steady_clock::now() < give_up);
    };
    int error = 0;
    do {
        if (error == ENOSPC) {
            std::this_thread::sleep_for(time_between_tries);
        }
        error = posix_fallocate(opened.descriptor.number(), 0, static_cast<off_t>(bytes));
    } while (is_worth_another(error));
    if (error != 0) {
        undo(opened, is_made);
        refuse_file(error, opened.path, "cannot get room for " + std::to_string(bytes) + " bytes");
    }
}

}  // namespace

void refuse_file(int error, const std::string& path, const std::string& why) {
    throw std::system_error(error, std::generic_category(), "file " + path + ": " + why);
}

std::string why_not_mapped(int error) {
    switch (error) {
        case ENODEV:
            return "cannot be mapped, since its file system maps no files";
        case ENOMEM:
            return "cannot be mapped (vm.max_map_count or ulimit -v may be too low)";
        case EAGAIN:
            return "cannot be mapped under mlockall() (ulimit -l may be too low)";
        default:
            return "cannot be mapped";
    }
}

Descriptor open_anything(const char* path, int flags) noexcept {
    constexpr mode_t readable_and_writable = 0666;
    Descriptor opened(open(path, flags | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, readable_and_writable));
    if (opened.number() < 0 || opened.number() > STDERR_FILENO) {
        return opened;
    }
    return Descriptor(fcntl(opened.number(), F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
}

bool identify(int file, FileIdentity& identity) noexcept {
    struct stat status {};
    if (fstat(file, &status) != 0) {
        return false;
    }
    constexpr std::int64_t second = 1'000'000'000;
    identity = {status.st_dev, status.st_ino, static_cast<std::uint64_t>(status.st_size),
                status.st_mtim.tv_sec * second + status.st_mtim.tv_nsec};
    return true;
}

bool is_same_file(const FileIdentity& a, const FileIdentity& b) noexcept {
    return a.device == b.device && a.inode == b.inode;
}

void require_unchanged(const OpenedFile& opened, const FileIdentity& expected) {
    const std::string what = "file " + opened.path + ": is not as it was: ";
    const FileIdentity& found = opened.identity;
    if (!is_same_file(found, expected)) {
        throw std::runtime_error(what + "another file has its name");
    }
    if (found.bytes != expected.bytes) {
        throw std::runtime_error(what + "it had " + std::to_string(expected.bytes) +
                                 " bytes, and has " + std::to_string(found.bytes));
    }
    if (found.changed_ns != expected.changed_ns) {
        throw std::runtime_error(what + "it was written to");
    }
}

OpenedFile open_to_read(const std::string& path) {
    const std::string absolute = absolute_path(path);
    require_regular_at(absolute);
    Descriptor descriptor = open_anything(absolute.c_str(), O_RDONLY);
    if (descriptor.number() < 0) {
        refuse_file(errno, absolute, "cannot be opened to read");
    }
    OpenedFile opened = examined(std::move(descriptor), absolute);
    require_true_size(opened);
    return opened;
}

OpenedFile open_with_room(const std::string& path, std::size_t size, std::size_t element_bytes,
                          std::chrono::milliseconds patience) {
    const std::string absolute = absolute_path(path);
    if (size > std::numeric_limits<std::size_t>::max() / element_bytes) {
        throw std::invalid_argument("file " + absolute + ": " + std::to_string(size) +
                                    " elements of " + std::to_string(element_bytes) +
                                    " bytes are more than a size can count");
    }
    const std::size_t bytes = size * element_bytes;
    require_regular_at(absolute);
    require_file_size_allowed(absolute, bytes);
    Descriptor descriptor = open_anything(absolute.c_str(), O_RDWR);
    const bool is_made = descriptor.number() < 0 && errno == ENOENT;
    if (is_made) {
        descriptor = open_anything(absolute.c_str(), O_RDWR | O_CREAT);
    }
    if (descriptor.number() < 0) {
        refuse_file(errno, absolute, is_made ? "cannot be made" : "cannot be opened to write");
    }
    OpenedFile opened = examined(std::move(descriptor), absolute);
    if (opened.identity.bytes != 0 && opened.identity.bytes != bytes) {
        throw std::invalid_argument(
            "file " + absolute + ": has " + std::to_string(opened.identity.bytes) +
            " bytes, and an array of " + std::to_string(size) + " elements of " +
            std::to_string(element_bytes) + " bytes has " + std::to_string(bytes));
    }
    make_room(opened, bytes, is_made, patience);
    opened.identity.bytes = bytes;
    return opened;
}

}  // namespace pinfold::shm
