#pragma once

#include <unistd.h>

#include <array>
#include <atomic>
#include <cstddef>

namespace pinfold::testing {

/// Where maps note that their process works, in memory that the test sees: for killers that let
/// workers start first. A pool gives up when its workers never get through their start-up.
class AtWork {
  public:
    /// Called by a map.
    void note() {
        const int pid = getpid();
        std::atomic_ref(pids_[static_cast<std::size_t>(pid) % pids_.size()])
            .store(pid, std::memory_order_relaxed);
    }

    /// Calls `take(pid)` for processes that worked, from a random one on, until one is taken.
    template <typename Random, typename Take>
    bool offer(Random& random, Take take) {
        const std::size_t begin = random() % pids_.size();
        for (std::size_t i = 0; i < pids_.size(); ++i) {
            int& place = pids_[(begin + i) % pids_.size()];
            const int pid = std::atomic_ref(place).load(std::memory_order_relaxed);
            if (pid != 0 && take(pid)) {
                return true;
            }
        }
        return false;
    }

  private:
    std::array<int, 64> pids_{};
};

}  // namespace pinfold::testing
