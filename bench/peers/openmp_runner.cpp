#include <omp.h>

#include <numeric>
#include <vector>

#include "harness/runners.hpp"

namespace bench {
namespace {

class OpenMp final : public Runner {
  public:
    explicit OpenMp(int threads) : threads_(threads) {}

    // Its threads spin on for a while after each loop, which the next runner would feel.
    ~OpenMp() override { omp_pause_resource_all(omp_pause_hard); }

    Partial run(const Work& work) override {
        results_.resize(work.chunks);
        return with_map(work, [&](auto map) {
#pragma omp parallel for schedule(dynamic) num_threads(threads_)
            for (std::uint64_t i = 0; i < work.chunks; ++i) {
                results_[i] = map(i);
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
