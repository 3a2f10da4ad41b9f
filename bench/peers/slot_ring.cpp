// The floor under every table of tasks in shared memory:
//
//     caller    body, word = ready, ring ──► ... ──► word is done? result, next task
//     child     look at all words: ready? take it by CAS, call, word = done, ring
//
// Nobody knows who runs what, messages have one size, and a death is a hang.

#include <immintrin.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <pinfold/shm/arena.hpp>
#include <pinfold/shm/doorbell.hpp>
#include <span>
#include <stdexcept>
#include <type_traits>

#include "harness/task_runners.hpp"
#include "peers/child.hpp"
#include "peers/worker_cpus.hpp"

namespace bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint64_t most_slots = 4096;
constexpr auto spin = std::chrono::microseconds(100);  // as long as a pool's workers do, or longer

/// Of a slot's word: lap << 2 | kind.
enum Kind : std::uint64_t { empty, ready, taken, done };
constexpr std::uint64_t kinds = 3;

constexpr std::uint64_t word_of(std::uint64_t lap, Kind kind) {
    return lap << 2 | kind;
}

struct Slot {
    alignas(64) std::atomic<std::uint64_t> word{0};
    Partial (*call)(const std::byte*, std::uint64_t) = nullptr;
    std::uint64_t index = 0;
    std::byte map[24];
    alignas(64) Partial result;
};

struct Shared {
    alignas(64) pinfold::shm::Doorbell work;
    alignas(64) pinfold::shm::Doorbell results;
    alignas(64) std::atomic<bool> over{false};
    Slot slots[most_slots];
};

/// Calls the map whose bytes are given.
template <typename Map>
Partial call(const std::byte* bytes, std::uint64_t index) {
    static_assert(std::is_trivially_copyable_v<Map> && sizeof(Map) <= sizeof(Slot::map));
    Map map;
    std::memcpy(&map, bytes, sizeof map);
    return map(index);
}

/// Spins until `condition` holds or the time for it is over; returns whether it holds.
template <typename Condition>
bool spin_until(Condition condition) {
    const auto end = Clock::now() + spin;
    while (!condition()) {
        if (Clock::now() >= end) {
            return false;
        }
        _mm_pause();
    }
    return true;
}

class SlotRing final : public Runner {
  public:
    explicit SlotRing(std::uint64_t in_flight) : in_flight_(in_flight) {
        if (in_flight > most_slots) {
            throw std::length_error("a ring has no room for so many slots");
        }
    }

    ~SlotRing() override {
        shared_.over = true;
        shared_.work.ring();
    }

    [[nodiscard]] int caller_cpu() const override { return cpus_.front(); }

    Partial run(const Work& work) override {
        return with_map(work, [&](auto map) {
            Partial all;
            for (std::uint64_t i = 0; i < work.chunks + in_flight_; ++i) {
                if (i >= in_flight_ && i - in_flight_ < work.chunks) {
                    all = all + result_of(i - in_flight_);
                }
                if (i < work.chunks) {
                    submit(map, i);
                }
            }
            begun_ += work.chunks;
            return all;
        });
    }

  private:
    [[nodiscard]] Slot& slot_of(std::uint64_t index) {
        return shared_.slots[(begun_ + index) % in_flight_];
    }
    [[nodiscard]] std::uint64_t lap_of(std::uint64_t index) const {
        return (begun_ + index) / in_flight_ + 1;
    }

    template <typename Map>
    void submit(Map map, std::uint64_t index) {
        Slot& slot = slot_of(index);
        slot.call = call<Map>;
        slot.index = index;
        std::memcpy(slot.map, &map, sizeof map);
        slot.word.store(word_of(lap_of(index), ready), std::memory_order_release);
        shared_.work.ring();
    }

    Partial result_of(std::uint64_t index) {
        Slot& slot = slot_of(index);
        const auto is_done = [&, wanted = word_of(lap_of(index), done)] {
            return slot.word.load(std::memory_order_acquire) == wanted;
        };
        while (!spin_until(is_done)) {
            const std::uint32_t seen = shared_.results.value();
            if (!is_done()) {
                shared_.results.wait(seen, std::chrono::nanoseconds{-1});
            }
        }
        return slot.result;
    }

    /// Runs what is ready; returns whether anything was.
    bool run_all() {
        bool ran = false;
        for (Slot& slot : std::span(shared_.slots, in_flight_)) {
            std::uint64_t word = slot.word.load(std::memory_order_acquire);
            const std::uint64_t lap = word & ~kinds;
            if ((word & kinds) == ready &&
                slot.word.compare_exchange_strong(word, lap | taken, std::memory_order_acq_rel)) {
                slot.result = slot.call(slot.map, slot.index);
                slot.word.store(lap | done, std::memory_order_release);
                shared_.results.ring();
                ran = true;
            }
        }
        return ran;
    }

    void serve() {
        while (!shared_.over) {
            const std::uint32_t seen = shared_.work.value();
            if (!run_all() && !spin_until([&] { return shared_.work.value() != seen; })) {
                shared_.work.wait(seen, std::chrono::nanoseconds{-1});
            }
        }
    }

    const std::uint64_t in_flight_;
    std::uint64_t begun_ = 0;  // tasks of the jobs before
    const std::vector<int> cpus_ = worker_cpus(2);
    pinfold::shm::Arena arena_{{.bytes = sizeof(Shared)}};
    Shared& shared_ = *new (arena_.allocate(sizeof(Shared))) Shared;
    const Child child_{cpus_.back(), [this] { serve(); }};
};

}  // namespace

std::unique_ptr<Runner> make_slot_ring(std::uint64_t in_flight) {
    return std::make_unique<SlotRing>(in_flight);
}

}  // namespace bench
