#include "jobs/machine_memory.hpp"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <pinfold/affinity/memory_headroom.hpp>
#include <stdexcept>

namespace pinfold::apps {

namespace {

uint128 mebibytes(uint128 bytes) {
    constexpr uint128 mebibyte = uint128{1} << 20;
    return (bytes + mebibyte - 1) / mebibyte;
}

std::size_t mapped_bytes() {
    std::ifstream sizes("/proc/self/statm");
    std::size_t pages = 0;
    sizes >> pages;
    return pages * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

/// What is free, or what the limit of address space leaves when that is less.
affinity::MemoryHeadroom free_memory() {
    affinity::MemoryHeadroom headroom = affinity::memory_headroom();
    rlimit limit{};
    if (getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY) {
        const std::size_t left = limit.rlim_cur - std::min(limit.rlim_cur, mapped_bytes());
        if (left < headroom.bytes) {
            return {left, "the limit of address space, ulimit -v"};
        }
    }
    return headroom;
}

}  // namespace

void check_memory(std::string_view what, uint128 bytes) {
    const affinity::MemoryHeadroom free = free_memory();
    if (bytes > free.bytes) {
        throw std::invalid_argument(
            fmt::format("{} needs about {} MiB of memory, {} MiB are free ({})", what,
                        mebibytes(bytes), mebibytes(free.bytes), free.limit));
    }
}

}  // namespace pinfold::apps
