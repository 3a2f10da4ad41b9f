#include <immintrin.h>
#include <tbb/task_arena.h>
#include <tbb/task_group.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <latch>
#include <pinfold/affinity/binding.hpp>
#include <vector>

#include "harness/task_runners.hpp"
#include "peers/tbb_peer.hpp"

namespace bench {
namespace {

class TbbTaskGroup final : public TbbPeer {
  public:
    TbbTaskGroup(int threads, std::uint64_t in_flight)
        : TbbPeer(threads), in_flight_(in_flight), results_(in_flight) {}

    Partial run(const Work& work) override {
        return with_map(work, [&](auto map) {
            return in_arena([&] {
                Partial all;
                for (std::uint64_t begin = 0; begin < work.chunks; begin += in_flight_) {
                    all = all + run_together(begin, std::min(begin + in_flight_, work.chunks), map);
                }
                return all;
            });
        });
    }

  private:
    template <typename Map>
    Partial run_together(std::uint64_t begin, std::uint64_t end, Map map) {
        tbb::task_group group;
        for (std::uint64_t i = begin; i < end; ++i) {
            group.run([this, begin, i, map] { results_[i - begin] = map(i); });
        }
        group.wait();
        Partial all;
        for (std::uint64_t i = begin; i < end; ++i) {
            all = all + results_[i - begin];
        }
        return all;
    }

    const std::uint64_t in_flight_;
    std::vector<Partial> results_;
};

/// What a task of an arena leaves for the one who waits.
struct alignas(64) Answer {
    std::atomic<std::uint32_t> is_there{0};
    Partial result;

    void give(Partial partial) {
        result = partial;
        is_there.store(1, std::memory_order_release);
        is_there.notify_one();
    }

    Partial take() {
        using Clock = std::chrono::steady_clock;
        const auto end = Clock::now() + std::chrono::microseconds(100);
        while (is_there.load(std::memory_order_acquire) == 0 && Clock::now() < end) {
            _mm_pause();
        }
        is_there.wait(0, std::memory_order_acquire);
        is_there.store(0, std::memory_order_relaxed);
        return result;
    }
};

class TbbEnqueue final : public Runner {
  public:
    TbbEnqueue(int threads, std::uint64_t in_flight)
        : in_flight_(in_flight),
          // The caller counts, though the arena has no place for it.
          allowed_(tbb::global_control::max_allowed_parallelism,
                   static_cast<std::size_t>(threads) + 1),
          arena_(threads, 0),
          answers_(in_flight) {
        bind(threads);
    }

    Partial run(const Work& work) override {
        return with_map(work, [&](auto map) {
            Partial all;
            for (std::uint64_t i = 0; i < work.chunks + in_flight_; ++i) {
                Answer& answer = answers_[i % in_flight_];
                if (i >= in_flight_ && i - in_flight_ < work.chunks) {
                    all = all + answer.take();
                }
                if (i < work.chunks) {
                    arena_.enqueue([&answer, i, map] { answer.give(map(i)); });
                }
            }
            return all;
        });
    }

  private:
    /// Binds each thread of the arena for good: they meet, so that none is met twice.
    void bind(int threads) {
        const std::vector<int> cpus = worker_cpus(threads);
        std::latch all_there(threads);
        std::latch all_left(threads);
        for (const int cpu : cpus) {
            arena_.enqueue([&all_there, &all_left, cpu] {
                pinfold::affinity::bind_this_thread(cpu);
                all_there.arrive_and_wait();
                all_left.count_down();
            });
        }
        all_left.wait();
    }

    const std::uint64_t in_flight_;
    const OwnThreads own_threads_;
    tbb::global_control allowed_;
    tbb::task_arena arena_;
    std::vector<Answer> answers_;
};

}  // namespace

std::unique_ptr<Runner> make_tbb_task_group(int threads, std::uint64_t in_flight) {
    return std::make_unique<TbbTaskGroup>(threads, in_flight);
}

std::unique_ptr<Runner> make_tbb_enqueue(int threads, std::uint64_t in_flight) {
    return std::make_unique<TbbEnqueue>(threads, in_flight);
}

}  // namespace bench
