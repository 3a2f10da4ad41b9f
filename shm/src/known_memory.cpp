#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <pinfold/shm/crossing/bad_message.hpp>
#include <pinfold/shm/file_space.hpp>
#include <pinfold/shm/parties/known_memory.hpp>
#include <stdexcept>

namespace pinfold::shm {

namespace {

// No lock: a child of a fork in the middle of a change has this as it was at that moment, and a
// part that is by halves holds nothing.
struct KnownPart {
    std::atomic<bool> is_taken{false};
    std::atomic<std::uintptr_t> begin{0};
    std::atomic<std::size_t> bytes{0};

    [[nodiscard]] bool holds(std::uintptr_t address) const noexcept {
        // Acquire: pairs with the release of `bytes`, behind its `begin`.
        const std::size_t size = bytes.load(std::memory_order_acquire);
        return address - begin.load(std::memory_order_relaxed) < size;
    }
};

constinit std::array<KnownPart, 1024> known_parts;
constinit std::atomic<std::size_t> used_parts{0};  // no part behind was ever taken
constinit std::atomic<std::size_t> without_part{0};

std::size_t take_known_part() noexcept {
    for (std::size_t place = 0; place < known_parts.size(); ++place) {
        if (!known_parts[place].is_taken.exchange(true, std::memory_order_acquire)) {
            std::size_t before = used_parts.load(std::memory_order_relaxed);
            while (before <= place && !used_parts.compare_exchange_weak(before, place + 1)) {
            }
            return place;
        }
    }
    without_part.fetch_add(1);
    return known_parts.size();
}

}  // namespace

KnownMemory::KnownMemory(std::span<const std::byte> memory) noexcept : place_(take_known_part()) {
    if (place_ != known_parts.size()) {
        known_parts[place_].begin.store(reinterpret_cast<std::uintptr_t>(memory.data()),
                                        std::memory_order_relaxed);
        known_parts[place_].bytes.store(memory.size(), std::memory_order_release);
    }
}

KnownMemory::~KnownMemory() {
    if (place_ == known_parts.size()) {
        without_part.fetch_sub(1);
        return;
    }
    known_parts[place_].bytes.store(0, std::memory_order_relaxed);
    known_parts[place_].is_taken.store(false, std::memory_order_release);
}

bool KnownMemory::holds(const void* address) noexcept {
    if (without_part.load(std::memory_order_relaxed) != 0) {
        return true;
    }
    const auto number = reinterpret_cast<std::uintptr_t>(address);
    const auto end = known_parts.begin() + static_cast<std::ptrdiff_t>(used_parts.load());
    return std::any_of(known_parts.begin(), end,
                       [&](const KnownPart& part) { return part.holds(number); });
}

namespace detail {

namespace {

// Where addresses of what is mapped begin, and end.
constexpr std::uintptr_t lowest_address = std::uintptr_t{1} << 45;
constexpr std::uintptr_t end_of_addresses = std::uintptr_t{1} << 47;

bool is_mapped_here(std::uintptr_t address) noexcept {
    const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
    unsigned char is_in_memory = 0;
    return mincore(reinterpret_cast<void*>(address & ~(page - 1)), 1, &is_in_memory) == 0 ||
           errno != ENOMEM;
}

bool is_there(std::uintptr_t word) noexcept {
    const auto* const address = reinterpret_cast<const void*>(word);
    return word < lowest_address || word >= end_of_addresses || KnownMemory::holds(address) ||
           is_file_handle(address) || is_mapped_here(word);
}

}  // namespace

void check_handle(std::span<const std::byte> handle) {
    for (std::size_t at = 0; at + sizeof(std::uintptr_t) <= handle.size();
         at += sizeof(std::uintptr_t)) {
        std::uintptr_t word = 0;
        std::memcpy(&word, handle.data() + at, sizeof word);
        if (!is_there(word)) {
            throw std::logic_error(
                "a message holds a handle of what this process does not have in its memory: its "
                "Pool or Shared was made after this process, or by another one; make that first");
        }
    }
}

}  // namespace detail
}  // namespace pinfold::shm
