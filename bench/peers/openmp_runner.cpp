#include <omp.h>

#include <numeric>
#include <vector>

#include "harness/runners.hpp"
#include "peers/thread_peer.hpp"

namespace bench {
namespace {

class OpenMp final : public ThreadPeer {
  public:
    // The library keeps its threads for the next loop of as many.
    explicit OpenMp(int threads) : ThreadPeer(threads), threads_(threads) {
#pragma omp parallel num_threads(threads_)
        join(static_cast<std::size_t>(omp_get_thread_num()));
    }

    // Its threads spin on for a while after each loop, which the next runner would feel.
    ~OpenMp() override {
        omp_pause_resource_all(omp_pause_hard);
    }

    Partial run(const Work& work) override {
        results_.resize(work.chunks);
        return with_map(work, [&](auto map) {
            const auto counted_map = counted(map);
#pragma omp parallel for schedule(dynamic) num_threads(threads_)
            for (std::uint64_t i = 0; i < work.chunks; ++i) {
                results_[i] = counted_map(i);
            }
            return std::accumulate(results_.begin(), results_.end(), Partial{});
        });
    }

  private:
    int threads_;
    std::vector<Partial> results_;
};

}  // namespace

std::unique_ptr<Runner> make_openmp(int threads) {
    return std::make_unique<OpenMp>(threads);
}

}  // namespace bench
