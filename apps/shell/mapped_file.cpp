#include "shell/mapped_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <pinfold/affinity/memory_headroom.hpp>
#include <stdexcept>
#include <system_error>
#include <utility>
#include <vector>

namespace pinfold::apps {

namespace {

[[noreturn]] void throw_errno(const std::string& what) {
    throw std::system_error(errno, std::generic_category(), what);
}

std::string name_of(const std::string& path) {
    return path == "-" ? "standard input" : "'" + path + "'";
}

shm::Descriptor open_file(const std::string& path, const std::string& name) {
    const int number = path == "-" ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
                                   : open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (number == -1) {
        throw std::invalid_argument(fmt::format("cannot open {}: {}", name, strerror(errno)));
    }
    return shm::Descriptor(number);
}

struct stat status_of(const shm::Descriptor& file, const std::string& name) {
    struct stat status {};
    if (fstat(file.number(), &status) != 0) {
        throw_errno("cannot look at " + name);
    }
    if (S_ISDIR(status.st_mode)) {
        throw std::invalid_argument(name + " is a directory");
    }
    return status;
}

void write_all(const shm::Descriptor& file, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = write(file.number(), bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written < 0) {
            throw_errno("cannot keep a stream in memory");
        }
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
}

void check_room(const std::string& name, std::size_t read_bytes, std::size_t next_bytes) {
    const affinity::MemoryHeadroom headroom = affinity::memory_headroom();
    // As much again stays free for the workers and their answers.
    if (headroom.bytes < 2 * next_bytes) {
        throw std::runtime_error(
            fmt::format("{} does not fit in memory: {} MiB were read, {} MiB are left ({})", name,
                        read_bytes >> 20, headroom.bytes >> 20, headroom.limit));
    }
}

/// Reads a stream to its end into a file that lives in memory alone.
shm::Descriptor read_stream(const shm::Descriptor& stream, const std::string& name) {
    shm::Descriptor file(memfd_create("pinfold-input", MFD_CLOEXEC));
    if (file.number() == -1) {
        throw_errno("memfd_create");
    }
    constexpr std::size_t between_checks = std::size_t{16} << 20;
    std::vector<char> buffer(std::size_t{1} << 16);
    std::size_t size = 0;
    std::size_t checked = 0;
    while (true) {
        if (size == checked) {
            check_room(name, size, between_checks);
            checked += between_checks;
        }
        const std::size_t room = std::min(buffer.size(), checked - size);
        const ssize_t got = read(stream.number(), buffer.data(), room);
        if (got == 0) {
            return file;
        }
        if (got < 0 && errno != EINTR) {
            throw_errno("cannot read " + name);
        }
        if (got > 0) {
            write_all(file, {buffer.data(), static_cast<std::size_t>(got)});
            size += static_cast<std::size_t>(got);
        }
    }
}

bool same_time(const timespec& a, const timespec& b) {
    return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

// What the signal handler knows: a handler has no arguments of its own.
struct Watched {
    std::atomic<std::uintptr_t> begin = 0;
    std::atomic<std::uintptr_t> end = 0;
    std::atomic<bool> cut = false;
};
Watched watched;
static_assert(std::atomic<std::uintptr_t>::is_always_lock_free);

/// Puts zeros in place of the mapping from the page of the failed read on. All beyond it is beyond
/// the file's end as well, or as unreadable; either way the text is of no more use. In a signal
/// handler: mmap() is a bare system call here.
bool replace_by_zeros(std::uintptr_t failed) {
    const std::uintptr_t begin = watched.begin;
    const std::uintptr_t end = watched.end;
    if (failed < begin || failed >= end) {
        return false;
    }
    const auto page_bytes = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
    const std::uintptr_t page = failed / page_bytes * page_bytes;
    return mmap(reinterpret_cast<void*>(page), end - page, PROT_READ,
                MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != MAP_FAILED;
}

void on_bus_error(int signal, siginfo_t* info, void*) {
    const int saved_errno = errno;
    const bool by_an_access = info->si_code > 0;
    if (by_an_access && replace_by_zeros(reinterpret_cast<std::uintptr_t>(info->si_addr))) {
        watched.cut = true;
    } else {
        ::signal(signal, SIG_DFL);
        raise(signal);
    }
    errno = saved_errno;
}

}  // namespace

WholeFile open_whole_file(const std::string& path) {
    const std::string name = name_of(path);
    WholeFile file{open_file(path, name)};
    const struct stat status = status_of(file.descriptor, name);
    // Files of /proc call themselves regular and empty; somebody may have read a part of standard
    // input already.
    file.is_copy = !S_ISREG(status.st_mode) || status.st_size == 0 ||
                   lseek(file.descriptor.number(), 0, SEEK_CUR) != 0;
    if (file.is_copy) {
        file.descriptor = read_stream(file.descriptor, name);
    }
    file.bytes = static_cast<std::size_t>(status_of(file.descriptor, name).st_size);
    return file;
}

bool was_cut() noexcept {
    return watched.cut;
}

MappedFile::MappedFile(const std::string& path)
    : name_(name_of(path)),
      file_(open_whole_file(path).descriptor),
      opened_(status_of(file_, name_)) {
    if (opened_.st_size != 0) {
        map();
    }
}

void MappedFile::map() {
    const auto size = static_cast<std::size_t>(opened_.st_size);
    void* const bytes = mmap(nullptr, size, PROT_READ, MAP_SHARED, file_.number(), 0);
    if (bytes == MAP_FAILED) {
        throw_errno("cannot map " + name_);
    }
    text_ = {static_cast<const char*>(bytes), size};
    watched.begin = reinterpret_cast<std::uintptr_t>(bytes);
    watched.end = watched.begin + size;
    watched.cut = false;
    watch_for_cuts();
}

MappedFile::~MappedFile() {
    if (!text_.empty()) {
        signal(SIGBUS, SIG_DFL);
        watched.begin = 0;
        watched.end = 0;
        munmap(const_cast<char*>(text_.data()), text_.size());
    }
}

void MappedFile::watch_for_cuts() const {
    struct sigaction action {};
    action.sa_sigaction = on_bus_error;
    action.sa_flags = SA_SIGINFO;
    if (sigaction(SIGBUS, &action, nullptr) != 0) {
        throw_errno("sigaction");
    }
}

void MappedFile::check_unchanged() const {
    const struct stat now = status_of(file_, name_);
    if (was_cut() || now.st_size != opened_.st_size || !same_time(now.st_mtim, opened_.st_mtim)) {
        throw std::runtime_error(name_ + " changed while it was read");
    }
}

}  // namespace pinfold::apps
