#include <cpuid.h>

#include <atomic>

#include "isa/first_level_cache.hpp"

namespace pinfold::kernels {
namespace {

constexpr std::size_t where_nothing_is_told = std::size_t{1} << 15;

/// Some bits of a word of CPUID.
constexpr std::size_t field(unsigned word, unsigned first_bit, unsigned bits) noexcept {
    return (word >> first_bit) & ((1U << bits) - 1);
}

/// What Intel's processors say, or 0. They describe cache by cache: its ways, partitions, bytes of
/// a line and sets.
std::size_t bytes_by_intel() noexcept {
    constexpr unsigned leaf = 4;
    constexpr std::size_t no_more = 0;
    constexpr std::size_t of_data = 1;
    unsigned eax = 0;
    unsigned ebx = 0;
    unsigned ecx = 0;
    unsigned edx = 0;
    for (unsigned cache = 0; __get_cpuid_count(leaf, cache, &eax, &ebx, &ecx, &edx) != 0; ++cache) {
        const std::size_t type = field(eax, 0, 5);
        if (type == no_more) {
            break;
        }
        if (type == of_data && field(eax, 5, 3) == 1) {
            return (field(ebx, 22, 10) + 1) * (field(ebx, 12, 10) + 1) * (field(ebx, 0, 12) + 1) *
                   (std::size_t{ecx} + 1);
        }
    }
    return 0;
}

/// What AMD's processors say, or 0: a number of KiB. Virtual machines pass it on where they keep
/// the description cache by cache to themselves.
std::size_t bytes_by_amd() noexcept {
    constexpr unsigned leaf = 0x80000005;
    unsigned eax = 0;
    unsigned ebx = 0;
    unsigned ecx = 0;
    unsigned edx = 0;
    return __get_cpuid(leaf, &eax, &ebx, &ecx, &edx) == 0 ? 0 : field(ecx, 24, 8) << 10;
}

std::size_t find_bytes() noexcept {
    if (const std::size_t bytes = bytes_by_intel(); bytes > 0) {
        return bytes;
    }
    const std::size_t bytes = bytes_by_amd();
    return bytes > 0 ? bytes : where_nothing_is_told;
}

// Found by whoever asks first: a virtual machine takes microseconds for CPUID.
constinit std::atomic<std::size_t> known_bytes{0};

}  // namespace

std::size_t first_level_cache_bytes() noexcept {
    std::size_t bytes = known_bytes.load(std::memory_order_relaxed);
    if (bytes == 0) {
        bytes = find_bytes();
        known_bytes.store(bytes, std::memory_order_relaxed);
    }
    return bytes;
}

}  // namespace pinfold::kernels
