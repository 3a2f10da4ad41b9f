#pragma once

#include <omp.h>

#include <chrono>
#include <cstddef>
#include <pinfold/engine/pool.hpp>

#include "harness/front_door.hpp"
#include "peers/tbb_peer.hpp"
#include "peers/thread_peer.hpp"

namespace bench {

/// One of two workers of pinfold's does the work.
class PoolPeer : public Runner {
  public:
    explicit PoolPeer(pinfold::Crew crew) : pool_({.crew = crew, .workers = 2}) {}

  protected:
    [[nodiscard]] pinfold::Pool& pool() { return pool_; }

  private:
    pinfold::Pool pool_;
};

/// Two threads of oneTBB's, the caller's own included.
class TwoOfTbb : public TbbPeer {
  public:
    TwoOfTbb() : TbbPeer(2) {}
};

/// Two threads of OpenMP's, the caller's own included.
class TwoOfOpenMp : public ThreadPeer {
  public:
    TwoOfOpenMp() : ThreadPeer(2) {
#pragma omp parallel num_threads(2)
        join(static_cast<std::size_t>(omp_get_thread_num()));
    }

    // They spin on for a while after each loop, which the next runner would feel.
    ~TwoOfOpenMp() override {
        omp_pause_resource_all(omp_pause_hard);
    }
};

/// Does some work on the clock, and checks the answer off it.
template <typename Peer, typename Answer>
class TimedRunner : public Peer {
  public:
    using Peer::Peer;

    Partial run(const Work&) final {
        prepare();
        const auto start = std::chrono::steady_clock::now();
        const Answer answer = solve();
        const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start;
        seconds_ = spent.count();
        check(answer);
        return checked_value;
    }

    [[nodiscard]] double own_seconds() const final { return seconds_; }

  protected:
    /// Before the clock starts: inputs that the last job has changed.
    virtual void prepare() {}
    virtual Answer solve() = 0;
    /// Ends the program unless the answer is right.
    virtual void check(const Answer& answer) = 0;

  private:
    double seconds_ = 0;
};

}  // namespace bench
