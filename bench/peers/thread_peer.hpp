#pragma once

#include <cstddef>
#include <pinfold/affinity/binding.hpp>
#include <utility>
#include <vector>

#include "harness/runner.hpp"
#include "peers/worker_cpus.hpp"

namespace bench {

/// How many chunks the calling thread has run, ever: one instruction per chunk, in a cache line of
/// the thread's own.
inline constinit thread_local std::uint64_t chunks_run = 0;

/// `map`, counted in `chunks_run`.
template <typename Map>
auto counted(Map map) {
    return [map](std::uint64_t index) {
        ++chunks_run;
        return map(index);
    };
}

/// A peer whose parties are the caller and threads that live as long as the peer.
class ThreadPeer : public Runner {
  public:
    explicit ThreadPeer(int threads)
        : cpus_(worker_cpus(threads)), members_(static_cast<std::size_t>(threads)) {}

    [[nodiscard]] int caller_cpu() const final { return cpus_.front(); }

    [[nodiscard]] std::vector<std::uint64_t> chunks_by_party() final {
        std::vector<std::uint64_t> chunks;
        for (Member& member : members_) {
            chunks.push_back(*member.run - std::exchange(member.asked_at, *member.run));
        }
        return chunks;
    }

  protected:
    /// Each thread calls it once, before the first job, with a number of its own: 0 is the caller,
    /// and all others are bound.
    void join(std::size_t number) {
        if (number != 0) {
            pinfold::affinity::bind_this_thread(cpus_[number]);
        }
        members_[number] = {&chunks_run, chunks_run};
    }

  private:
    struct Member {
        const std::uint64_t* run = nullptr;  ///< the thread's chunks_run
        std::uint64_t asked_at = 0;
    };

    const std::vector<int> cpus_;
    std::vector<Member> members_;
};

}  // namespace bench
