// What it takes two processes to wake each other:
//
//     caller    ping + 1, wake ──► sleep ───────────────────────► woken
//     child     sleep ───────────► woken, pong + 1, wake ──► sleep

#include <atomic>
#include <chrono>
#include <cstdint>
#include <pinfold/shm/arena.hpp>
#include <pinfold/shm/futex.hpp>

#include "harness/task_runners.hpp"
#include "peers/child.hpp"
#include "peers/worker_cpus.hpp"

namespace bench {
namespace {

using Word = std::atomic<std::uint32_t>;

struct Words {
    alignas(64) Word ping{0};
    alignas(64) Word pong{0};
    alignas(64) std::atomic<bool> over{false};
};

void tell(Word& word) {
    word.fetch_add(1);
    pinfold::shm::futex_wake(word, 1);
}

/// Returns once `word` is no longer `seen`.
void sleep_on(const Word& word, std::uint32_t seen) {
    while (word.load() == seen) {
        pinfold::shm::futex_wait(word, seen, std::chrono::nanoseconds{-1});
    }
}

class FutexPingPong final : public Runner {
  public:
    ~FutexPingPong() override {
        words_.over = true;
        tell(words_.ping);
    }

    [[nodiscard]] int caller_cpu() const override { return cpus_.front(); }

    Partial run(const Work& work) override {
        const std::uint32_t seen = words_.pong.load();
        tell(words_.ping);
        sleep_on(words_.pong, seen);
        return run_plainly(work);
    }

  private:
    void answer() {
        for (std::uint32_t seen = 0;; ++seen) {
            sleep_on(words_.ping, seen);
            if (words_.over) {
                return;
            }
            tell(words_.pong);
        }
    }

    const std::vector<int> cpus_ = worker_cpus(2);
    pinfold::shm::Arena arena_{{.bytes = sizeof(Words)}};
    Words& words_ = *new (arena_.allocate(sizeof(Words))) Words;
    const Child child_{cpus_.back(), [this] { answer(); }};
};

}  // namespace

std::unique_ptr<Runner> make_futex_ping_pong() {
    return std::make_unique<FutexPingPong>();
}

}  // namespace bench
