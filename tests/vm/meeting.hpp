#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <pinfold/shm/doorbell.hpp>

namespace pinfold::testing {

/// Where the maps of a job wait for each other, so many at a time: of so many workers, each runs
/// one chunk then, before one of them runs another. Make it as Shared<Meeting>, before the pool.
class Meeting {
  public:
    explicit Meeting(std::uint32_t size = 1) : size_(size) {}

    /// For the next job: nobody has come.
    void await(std::uint32_t size) {
        size_ = size;
        arrived_ = 0;
    }

    /// Called by a map: waits for the others, up to half a minute.
    void join() {
        const std::uint32_t rank = arrived_.fetch_add(1);
        bell_.ring();
        const std::uint32_t enough = (rank / size_ + 1) * size_;
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
        for (;;) {
            const std::uint32_t seen = bell_.value();
            const auto left = end - std::chrono::steady_clock::now();
            if (arrived_.load() >= enough || left.count() <= 0) {
                return;
            }
            bell_.wait(seen, left);
        }
    }

  private:
    shm::Doorbell bell_;
    std::uint32_t size_;
    std::atomic<std::uint32_t> arrived_{0};
};

}  // namespace pinfold::testing
