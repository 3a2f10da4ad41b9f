#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <pinfold/shm/doorbell.hpp>

namespace pinfold::testing {

/// Where maps tell a test that they run, and where it may hold them. Each waits for the other's
/// ring, so neither waits longer than it must. Make it as Shared<Gate>, before the pool.
class Gate {
  public:
    /// Called by a map: counts it.
    void arrive() {
        arrived_.fetch_add(1);
        bell_.ring();
    }

    /// Called by a map: counts it, and holds it until the gate is open.
    void pass() {
        arrive();
        wait_until([this] { return open_.load(); }, for_ever);
    }

    /// Called by a map: counts it, and holds it for this time, or until the gate is open.
    void linger(std::chrono::nanoseconds time) {
        arrive();
        (void)wait_until([this] { return open_.load(); }, time);
    }

    /// Waits until so many maps have arrived, up to half a minute.
    [[nodiscard]] bool wait_for(std::uint32_t maps) {
        return wait_until([&] { return arrived_.load() >= maps; }, long_enough);
    }

    /// Lets all maps go on.
    void open() {
        open_.store(true);
        bell_.ring();
    }

    [[nodiscard]] std::uint32_t arrived() const { return arrived_.load(); }

  private:
    static constexpr std::chrono::nanoseconds for_ever{-1};
    static constexpr std::chrono::nanoseconds long_enough = std::chrono::seconds(30);

    template <typename Condition>
    bool wait_until(Condition condition, std::chrono::nanoseconds timeout) {
        const auto begin = std::chrono::steady_clock::now();
        auto left = timeout;
        for (;;) {
            const std::uint32_t seen = bell_.value();
            if (condition()) {
                return true;
            }
            if (timeout != for_ever) {
                left = timeout - (std::chrono::steady_clock::now() - begin);
                if (left.count() <= 0) {
                    return false;
                }
            }
            bell_.wait(seen, left);
        }
    }

    shm::Doorbell bell_;
    std::atomic<std::uint32_t> arrived_{0};
    std::atomic<bool> open_{false};
};

/// The job of maps that come to a gate. A bare pointer would have to point into the pool's arena.
struct AtGate {
    Gate* gate;
};

}  // namespace pinfold::testing
