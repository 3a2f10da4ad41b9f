#include <functional>
#include <pinfold/engine/map_reduce.hpp>

#include "harness/runners.hpp"

namespace bench {
namespace {

class Plain final : public Runner {
  public:
    Partial run(const Work& work) override { return run_plainly(work); }
};

class Pinfold final : public Runner {
  public:
    Pinfold(pinfold::Crew crew, int workers) : pool_({.crew = crew, .workers = workers}) {
        options_.grain = 1;
    }

    Partial run(const Work& work) override {
        return with_map(work, [&](auto map) {
            return pinfold::map_reduce(
                       pool_, pinfold::Range{0, work.chunks}, map,
                       [](const auto& job, const pinfold::Chunk& chunk) {
                           return job(chunk.index);
                       },
                       std::plus<>{}, options_)
                .value;
        });
    }

  private:
    pinfold::Pool pool_;
    pinfold::JobOptions<Partial> options_;
};

}  // namespace

std::unique_ptr<Runner> make_plain() {
    return std::make_unique<Plain>();
}

std::unique_ptr<Runner> make_pinfold(pinfold::Crew crew, int workers) {
    return std::make_unique<Pinfold>(crew, workers);
}

}  // namespace bench
