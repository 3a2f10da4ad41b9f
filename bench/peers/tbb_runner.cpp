#include <tbb/blocked_range.h>
#include <tbb/global_control.h>
#include <tbb/parallel_for.h>
#include <tbb/parallel_reduce.h>
#include <tbb/task_arena.h>
#include <tbb/task_group.h>

#include <functional>
#include <latch>
#include <new>
#include <numeric>
#include <vector>

#include "harness/runners.hpp"
#include "peers/thread_peer.hpp"

namespace bench {
namespace {

using Indices = tbb::blocked_range<std::uint64_t>;

/// Leaves a peer alone with oneTBB's threads: those that a pool of pinfold has left are bound
/// elsewhere, and the peer's own would be felt by the next runner while they fall asleep.
class OwnThreads {
  public:
    OwnThreads() { end_all(); }
    ~OwnThreads() { end_all(); }
    OwnThreads(const OwnThreads&) = delete;
    OwnThreads& operator=(const OwnThreads&) = delete;

  private:
    static void end_all() {
        tbb::task_scheduler_handle all{tbb::attach{}};
        tbb::finalize(all, std::nothrow);
    }
};

/// An arena of the caller and `threads` - 1 threads, which are all the threads that oneTBB may
/// have.
class TbbPeer : public ThreadPeer {
  public:
    // Each thread is met once and bound for good. An observer would do it at each entry of the
    // arena, and a job of one chunk would feel that.
    explicit TbbPeer(int threads)
        : ThreadPeer(threads),
          allowed_(tbb::global_control::max_allowed_parallelism, static_cast<std::size_t>(threads)),
          arena_(threads) {
        std::latch all_there(threads);
        const auto meet = [&](int number) {
            join(static_cast<std::size_t>(number));
            all_there.arrive_and_wait();
        };
        arena_.execute([&] {
            tbb::task_group others;
            for (int number = 1; number < threads; ++number) {
                others.run([&, number] { meet(number); });
            }
            meet(0);
            others.wait();
        });
    }

  protected:
    template <typename Body>
    auto in_arena(Body body) {
        return arena_.execute(body);
    }

  private:
    const OwnThreads own_threads_;
    tbb::global_control allowed_;
    tbb::task_arena arena_;
};

class TbbReduce final : public TbbPeer {
  public:
    using TbbPeer::TbbPeer;

    Partial run(const Work& work) override {
        return with_map(work, [&](auto map) {
            const auto map_all = [map = counted(map)](const Indices& indices, Partial partial) {
                for (std::uint64_t i = indices.begin(); i < indices.end(); ++i) {
                    partial = partial + map(i);
                }
                return partial;
            };
            return in_arena([&] {
                return tbb::parallel_deterministic_reduce(Indices(0, work.chunks, 1), Partial{},
                                                          map_all, std::plus<>{},
                                                          tbb::simple_partitioner{});
            });
        });
    }
};

class TbbFor final : public TbbPeer {
  public:
    using TbbPeer::TbbPeer;

    Partial run(const Work& work) override {
        results_.resize(work.chunks);
        return with_map(work, [&](auto map) {
            in_arena([&] { fill(work.chunks, counted(map)); });
            return std::accumulate(results_.begin(), results_.end(), Partial{});
        });
    }

  private:
    template <typename Map>
    void fill(std::uint64_t chunks, Map map) {
        tbb::parallel_for(
            Indices(0, chunks, 1),
            [&](const Indices& indices) {
                for (std::uint64_t i = indices.begin(); i < indices.end(); ++i) {
                    results_[i] = map(i);
                }
            },
            tbb::simple_partitioner{});
    }

    std::vector<Partial> results_;
};

}  // namespace

std::unique_ptr<Runner> make_tbb_reduce(int threads) {
    return std::make_unique<TbbReduce>(threads);
}

std::unique_ptr<Runner> make_tbb_for(int threads) {
    return std::make_unique<TbbFor>(threads);
}

}  // namespace bench
