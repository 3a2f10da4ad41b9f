#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <pinfold/shm/doorbell.hpp>
#include <pinfold/shm/party.hpp>

#include "wait_slice.hpp"

namespace pinfold::detail {

/// What a Process and its host tell each other, in shared memory: one a place for a Process. Zeros
/// are that of one that is not born yet.
struct alignas(shm::cache_line) ProcessRecord {
    // Written by the keeper, when it knows the Process by a descriptor.
    shm::Doorbell word;
    std::atomic<bool> may_begin{false};

    // Written by the Process when its life is tied to its host's.
    shm::Doorbell cry;
    std::atomic<bool> is_born{false};

    // Written by the Process as it leaves.
    std::atomic<bool> has_left{false};  // the rest is there
    std::atomic<int> exit_code{0};
    std::array<char, 1024> text{};  // of the exception that ended it

    // Written by its handler of SIGSEGV: where it met no memory of its own.
    std::atomic<std::uintptr_t> missed{0};

    /// For the next Process at the place, whose keeper alone looks at it.
    void clear() noexcept {
        may_begin.store(false, std::memory_order_relaxed);
        is_born.store(false, std::memory_order_relaxed);
        has_left.store(false, std::memory_order_relaxed);
        text[0] = '\0';
        missed.store(0, std::memory_order_relaxed);
    }

    void let_begin() noexcept {
        may_begin.store(true, std::memory_order_seq_cst);
        word.ring();
    }

    /// In the Process. A keeper that dies takes it with it.
    void wait_to_begin() noexcept {
        for (;;) {
            const std::uint32_t seen = word.value();
            if (may_begin.load(std::memory_order_seq_cst)) {
                return;
            }
            word.wait(seen, std::chrono::nanoseconds(-1));
        }
    }

    void tell_of_birth() noexcept {
        is_born.store(true, std::memory_order_seq_cst);
        cry.ring();
    }

    /// For its maker: waits for the birth. `has_ended` says whether the Process has died before;
    /// then another may have the place.
    template <typename HasEnded>
    void wait_for_birth(const HasEnded& has_ended) noexcept {
        for (;;) {
            const std::uint32_t seen = cry.value();
            if (is_born.load(std::memory_order_seq_cst) || has_ended()) {
                return;
            }
            cry.wait(seen, wait_slice);
        }
    }

    void leave(int code) noexcept {
        exit_code.store(code, std::memory_order_relaxed);
        has_left.store(true, std::memory_order_release);
    }
};

}  // namespace pinfold::detail
