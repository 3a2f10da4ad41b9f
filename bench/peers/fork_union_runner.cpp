// ForkUnion, where a build has it: docs/benchmarks.md says how. Its threads spin from a pool's
// start to its end, so there is no sleep to wake them from.

#include <fork_union.hpp>

#include <numeric>
#include <stdexcept>
#include <vector>

#include "harness/runners.hpp"
#include "peers/thread_peer.hpp"

namespace bench {
namespace {

class ForkUnion final : public ThreadPeer {
  public:
    explicit ForkUnion(int threads) : ThreadPeer(threads) {
        if (!pool_.try_spawn(static_cast<std::size_t>(threads))) {
            throw std::runtime_error("ForkUnion could not start its threads");
        }
        pool_.for_threads([this](std::size_t number) noexcept { join(number); });
    }

    Partial run(const Work& work) override {
        results_.resize(work.chunks);
        return with_map(work, [&](auto map) {
            pool_.for_n_dynamic(work.chunks, [this, map = counted(map)](std::size_t i) noexcept {
                results_[i] = map(i);
            });
            return std::accumulate(results_.begin(), results_.end(), Partial{});
        });
    }

  private:
    ashvardanian::fork_union::basic_pool_t pool_;
    std::vector<Partial> results_;
};

}  // namespace

MakeRunner fork_union(int threads) {
    return [threads] { return std::make_unique<ForkUnion>(threads); };
}

}  // namespace bench
