// What one thread does without a crew: the floors for one worker.

#include <numeric>
#include <vector>

#include "harness/runners.hpp"
#include "peers/worker_cpus.hpp"

namespace bench {
namespace {

class Loop : public Runner {
  public:
    [[nodiscard]] int caller_cpu() const final { return cpu_; }

  private:
    const int cpu_ = worker_cpus(1).front();
};

class Plain final : public Loop {
  public:
    Partial run(const Work& work) override { return run_plainly(work); }
};

class BareLoop final : public Loop {
  public:
    Partial run(const Work& work) override {
        results_.resize(work.chunks);
        return with_map(work, [&](auto map) {
            for (std::uint64_t i = 0; i < work.chunks; ++i) {
                results_[i] = map(i);
            }
            return std::accumulate(results_.begin(), results_.end(), Partial{});
        });
    }

  private:
    std::vector<Partial> results_;
};

}  // namespace

std::unique_ptr<Runner> make_plain() {
    return std::make_unique<Plain>();
}

std::unique_ptr<Runner> make_bare_loop() {
    return std::make_unique<BareLoop>();
}

}  // namespace bench
