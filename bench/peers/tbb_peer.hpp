#pragma once

#include <tbb/global_control.h>
#include <tbb/task_arena.h>
#include <tbb/task_group.h>

#include <cstddef>
#include <latch>
#include <new>

#include "peers/thread_peer.hpp"

namespace bench {

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

}  // namespace bench
