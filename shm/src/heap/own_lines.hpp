#pragma once

// What a process has of a heap's parties for itself alone. A successor of the same number looks
// anew, so nothing here outlives a death.

#include <sys/mman.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <new>
#include <pinfold/shm/party.hpp>
#include <type_traits>

#include "heap/size_classes.hpp"

namespace pinfold::shm::detail {

/// Where a party looks next for units, and at how many. What it finds nothing in costs it half of
/// its reach: where all is in use, and new units are taken from the top, it shall not look at all
/// of it each time.
struct Search {
    static constexpr std::size_t least = 64;   // 8 lines of words
    static constexpr std::size_t most = 4096;  // some 2 µs, beside 20 µs for a new unit

    std::size_t at = 0;
    std::size_t given_up = 0;  // of the most

    [[nodiscard]] std::size_t reach() const noexcept { return most - given_up; }
    void found() noexcept { set(2 * reach() < most ? 2 * reach() : most); }
    void found_nothing() noexcept { set(reach() / 2 > least ? reach() / 2 : least); }

  private:
    void set(std::size_t reach) noexcept { given_up = most - reach; }
};

/// What a party may bring into memory without another look at the budget, until that time.
struct Allowance {
    std::size_t bytes = 0;
    std::chrono::steady_clock::time_point end;
};

/// From where a party takes the next blocks of a class: free ones, in this word of the slab's bits.
struct Source {
    std::uint64_t blocks = 0;
    std::uint32_t slab = 0;  // its unit + 1; 0: none
    std::uint32_t word = 0;
};

/// Of one party. All zeros are a new one.
struct alignas(cache_line) OwnLine {
    std::array<Source, size_classes> sources;  // by class
    Search slabs;                              // for those that rest
    Search units;
    Allowance allowance;
};
static_assert(std::is_trivially_destructible_v<OwnLine>);

/// A line for each party. Only those that are used take memory: a heap has lines for all who may
/// ever come, and its process is one of them or two.
class OwnLines {
  public:
    /// Throws std::bad_alloc.
    explicit OwnLines(std::size_t parties) : bytes_(parties * sizeof(OwnLine)) {
        void* const zeros = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE,
                                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (zeros == MAP_FAILED) {
            throw std::bad_alloc();
        }
        first_ = static_cast<OwnLine*>(zeros);
    }
    ~OwnLines() { munmap(first_, bytes_); }
    OwnLines(const OwnLines&) = delete;
    OwnLines& operator=(const OwnLines&) = delete;

    [[nodiscard]] OwnLine& operator[](PartyNumber party) const noexcept { return first_[party]; }

  private:
    const std::size_t bytes_;
    OwnLine* first_ = nullptr;
};

}  // namespace pinfold::shm::detail
