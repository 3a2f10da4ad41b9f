#include "mapping.hpp"

#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <pinfold/shm/descriptor.hpp>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "pages.hpp"

namespace pinfold::shm {
namespace {

constexpr std::size_t mebibyte = std::size_t{1} << 20;

// Linux 6.3, newer than the C library's headers.
constexpr unsigned no_exec_seal = 0x8U;  // MFD_NOEXEC_SEAL

[[noreturn]] void refuse(int error, const std::string& what) {
    throw std::system_error(error, std::generic_category(), what);
}

/// Some machines (vm.memfd_noexec = 2) allow only memfds that can never hold a program, which
/// kernels before 6.3 cannot make.
Descriptor open_memfd() {
    Descriptor memfd(memfd_create("pinfold-arena", MFD_CLOEXEC | no_exec_seal));
    if (memfd.number() < 0 && errno == EINVAL) {
        memfd = Descriptor(memfd_create("pinfold-arena", MFD_CLOEXEC));
    }
    if (memfd.number() < 0) {
        refuse(errno, "cannot make a memfd for shared memory");
    }
    return memfd;
}

/// A file longer than RLIMIT_FSIZE is not an error to the kernel but a deadly SIGXFSZ.
void check_file_size_limit(std::size_t bytes) {
    rlimit limit{};
    if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY &&
        limit.rlim_cur < bytes) {
        refuse(EFBIG, "cannot reserve " + std::to_string(bytes) +
                          " bytes of shared memory: the file size limit (ulimit -f) is " +
                          std::to_string(limit.rlim_cur) + " bytes");
    }
}

/// Maps the whole file. Where the program has locked its future memory (mlockall), the system
/// brings in every page of a new mapping that may be accessed: so it is made without access, and
/// the lock is taken off before the access is given. Returns MAP_FAILED and errno as mmap() does.
void* map_sparsely(int memfd, std::size_t bytes) {
    void* const start = mmap(nullptr, bytes, PROT_NONE, MAP_SHARED | MAP_NORESERVE, memfd, 0);
    if (start == MAP_FAILED) {
        return start;
    }
    munlock(start, bytes);
    if (mprotect(start, bytes, PROT_READ | PROT_WRITE) != 0) {
        const int error = errno;
        munmap(start, bytes);
        errno = error;
        return MAP_FAILED;
    }
    return start;
}

std::span<std::byte> map(std::size_t bytes) {
    check_file_size_limit(bytes);
    const Descriptor memfd = open_memfd();
    const std::string what = "cannot reserve " + std::to_string(bytes) + " bytes of shared memory";
    if (bytes > PTRDIFF_MAX) {
        refuse(ENOMEM, what);
    }
    if (ftruncate(memfd.number(), static_cast<off_t>(bytes)) != 0) {
        refuse(errno, what);
    }
    void* const start = map_sparsely(memfd.number(), bytes);
    if (start == MAP_FAILED) {
        refuse(errno, what + (errno == EAGAIN ? " under mlockall() (ulimit -l may be too low)"
                                              : " (ulimit -v may be too low)"));
    }
    // A kernel without the advice only writes longer core dumps.
    madvise(start, bytes, MADV_DONTDUMP);
    return {static_cast<std::byte*>(start), bytes};
}

/// Writes each page without changing it: a neighbour may be writing its own bytes of the page.
void touch(std::span<std::byte> pages) {
    for (std::size_t i = 0; i < pages.size(); i += page_bytes()) {
        auto& word = reinterpret_cast<std::uint32_t&>(pages[i]);
        std::atomic_ref<std::uint32_t>(word).fetch_or(0, std::memory_order_relaxed);
    }
}

}  // namespace

// The rounding of a size near the largest wraps to 0, so the larger value is the true one.
Mapping::Mapping(std::size_t bytes) : bytes_(map(std::max(whole_pages(bytes), bytes))) {}

// Where the address space is limited, the rest of the program gets as much of it at least: threads
// want their stacks.
Mapping Mapping::as_large_as_memory(std::size_t times) {
    const auto pages = static_cast<std::size_t>(sysconf(_SC_PHYS_PAGES)) * times;
    const std::size_t memory = pages * page_bytes();
    std::size_t bytes = memory;
    for (;;) {
        try {
            Mapping mapping(bytes);
            if (bytes == memory) {
                return mapping;
            }
            break;
        } catch (const std::system_error&) {
            if (bytes <= mebibyte) {
                throw;
            }
            bytes = std::max(bytes / 2, mebibyte);
        }
    }
    return Mapping(std::max(bytes / 2, mebibyte));
}

Mapping::~Mapping() {
    if (!bytes_.empty()) {
        munmap(bytes_.data(), bytes_.size());
    }
}

Mapping::Mapping(Mapping&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}

void Mapping::advise_huge_pages(std::span<std::byte> part) const noexcept {
    madvise(part.data(), part.size(), MADV_HUGEPAGE);
}

void Mapping::advise_small_pages(std::span<std::byte> part) const noexcept {
    madvise(part.data(), part.size(), MADV_NOHUGEPAGE);
}

bool Mapping::is_present(std::span<std::byte> part) const {
    const std::span<std::byte> pages = pages_around(part);
    std::vector<unsigned char> present(pages.size() / page_bytes());
    return mincore(pages.data(), pages.size(), present.data()) == 0 &&
           std::all_of(present.begin(), present.end(),
                       [](unsigned char p) { return (p & 1) != 0; });
}

void Mapping::populate(std::span<std::byte> part) const {
    const std::span<std::byte> pages = pages_around(part);
    while (madvise(pages.data(), pages.size(), MADV_POPULATE_WRITE) != 0) {
        if (errno == EINVAL) {  // before Linux 5.14
            touch(pages);
            return;
        }
        if (errno != EINTR && errno != EAGAIN) {
            refuse(errno, "cannot bring " + std::to_string(pages.size()) +
                              " bytes of shared memory into being");
        }
    }
}

bool Mapping::discard(std::span<std::byte> part) const noexcept {
    const std::span<std::byte> pages = pages_inside(part);
    return pages.empty() || madvise(pages.data(), pages.size(), MADV_REMOVE) == 0;
}

}  // namespace pinfold::shm
