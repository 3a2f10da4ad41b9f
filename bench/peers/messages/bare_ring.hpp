#pragma once

// The floor under a queue between processes that may die: a ring whose slots' words tell the lap,
// who has the slot, and what goes on. What its users must note for their burial is there, and
// nothing else: no burial, no close, no end.
//
//     word    lap 40 │ owner 20 │ kind 4

#include <atomic>
#include <climits>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <pinfold/shm/futex.hpp>

namespace bench {

/// A word to sleep on, whose low bit says that somebody does.
class BareBell {
  public:
    void ring_if_sleeping() {
        std::uint32_t seen = word_.load(std::memory_order_relaxed);
        if ((seen & 1) == 0) {
            return;
        }
        while (!word_.compare_exchange_weak(seen, (seen & ~1U) + 2, std::memory_order_seq_cst)) {
        }
        if ((seen & 1) != 0) {
            pinfold::shm::futex_wake(word_, INT_MAX);
        }
    }
    [[nodiscard]] std::uint32_t prepare() { return word_.fetch_or(1) | 1; }
    void sleep(std::uint32_t prepared) const {
        pinfold::shm::futex_wait(word_, prepared, std::chrono::nanoseconds(-1));
    }

  private:
    std::atomic<std::uint32_t> word_{0};
};

template <std::size_t bytes>
class BareRing {
  public:
    static constexpr std::uint64_t slots = 1024;

    /// What a party notes before a claim; it is the caller's own, and shared.
    using Intent = std::atomic<std::uint64_t>;

    void put(const void* message, std::uint64_t party, Intent& intent) {
        wait(not_full_, [&] { return try_put(message, party, intent); });
        std::atomic_thread_fence(std::memory_order_seq_cst);
        not_empty_.ring_if_sleeping();
    }
    void get(void* message, std::uint64_t party, Intent& intent) {
        wait(not_empty_, [&] { return try_get(message, party, intent); });
        std::atomic_thread_fence(std::memory_order_seq_cst);
        not_full_.ring_if_sleeping();
    }

  private:
    enum Kind : std::uint64_t { free, writing, full, reading };
    static constexpr int shift = 10;
    static_assert(slots == 1 << shift);

    struct alignas(128) Slot {
        std::atomic<std::uint64_t> word{0};
        unsigned char message[bytes];
    };

    static constexpr std::uint64_t pack(std::uint64_t lap, std::uint64_t party, Kind kind) {
        return lap << 24 | party << 4 | kind;
    }

    template <typename Try>
    static void wait(BareBell& bell, const Try& has_come) {
        for (int looks = 0; !has_come();) {
            if (++looks < 200) {
                __builtin_ia32_pause();
                continue;
            }
            const std::uint32_t prepared = bell.prepare();
            if (has_come()) {
                return;
            }
            bell.sleep(prepared);
        }
    }

    bool try_put(const void* message, std::uint64_t party, Intent& intent) {
        std::uint64_t at = tail_.load(std::memory_order_relaxed);
        for (;; ++at) {
            const std::uint64_t lap = at >> shift;
            std::atomic<std::uint64_t>& word = slots_[at % slots].word;
            std::uint64_t seen = word.load(std::memory_order_acquire);
            if (seen == pack(lap, 0, free)) {
                intent.store(at, std::memory_order_relaxed);
                if (word.compare_exchange_strong(seen, pack(lap, party, writing))) {
                    break;
                }
            }
            if (seen >> 24 < lap) {
                return false;
            }
        }
        tail_.store(at + 1, std::memory_order_relaxed);
        Slot& slot = slots_[at % slots];
        std::memcpy(slot.message, message, bytes);
        slot.word.store(pack(at >> shift, 0, full), std::memory_order_release);
        return true;
    }

    bool try_get(void* message, std::uint64_t party, Intent& intent) {
        std::uint64_t at = head_.load(std::memory_order_relaxed);
        for (bool all_over = true;;) {
            const std::uint64_t lap = at >> shift;
            Slot& slot = slots_[at % slots];
            std::uint64_t seen = slot.word.load(std::memory_order_acquire);
            if (seen >> 24 < lap || seen == pack(lap, 0, free)) {
                return false;
            }
            if (seen == pack(lap, 0, full)) {
                intent.store(at, std::memory_order_relaxed);
                if (!slot.word.compare_exchange_strong(seen, pack(lap, party, reading))) {
                    continue;
                }
                std::memcpy(message, slot.message, bytes);
                slot.word.store(pack(lap + 1, 0, free), std::memory_order_release);
                if (all_over) {
                    head_.store(at + 1, std::memory_order_relaxed);
                }
                return true;
            }
            all_over = all_over && seen >> 24 > lap;
            ++at;
        }
    }

    alignas(128) std::atomic<std::uint64_t> tail_{0};
    alignas(128) std::atomic<std::uint64_t> head_{0};
    alignas(128) BareBell not_empty_;
    alignas(128) BareBell not_full_;
    Slot slots_[slots];
};

}  // namespace bench
