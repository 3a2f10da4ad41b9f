#include <functional>
#include <memory>
#include <pinfold/engine/map_reduce.hpp>
#include <pinfold/engine/timeline.hpp>
#include <utility>
#include <vector>

#include "harness/runners.hpp"
#include "peers/worker_cpus.hpp"

namespace bench {
namespace {

/// Of the calling thread's last job: several threads may use one pool.
thread_local pinfold::JobReport last_report;

class Pinfold final : public Runner {
  public:
    Pinfold(pinfold::Crew crew, int workers, bool is_traced)
        : crew_(crew),
          is_traced_(is_traced),
          cpus_(worker_cpus(workers)),
          pool_({.crew = crew, .workers = workers, .pin = "cores"}) {
        options_.grain = 1;
    }

    [[nodiscard]] int caller_cpu() const override {
        return crew_ == pinfold::Crew::serial ? cpus_.front() : -1;
    }

    [[nodiscard]] std::vector<std::uint64_t> chunks_by_party() override {
        std::vector<std::uint64_t> chunks(cpus_.size());
        for (const pinfold::WorkerReport& worker : last_report.workers) {
            chunks[static_cast<std::size_t>(worker.worker)] = worker.chunks;
        }
        return chunks;
    }

    Partial run(const Work& work) override {
        const auto timeline = is_traced_ ? std::make_unique<pinfold::Timeline>()
                                         : std::unique_ptr<pinfold::Timeline>();
        options_.timeline = timeline.get();
        return with_map(work, [&](auto map) {
            auto result = pinfold::map_reduce(
                pool_, pinfold::Range{0, work.chunks}, map,
                [](const auto& job, const pinfold::Chunk& chunk) { return job(chunk.index); },
                std::plus<>{}, options_);
            last_report = std::move(result.report);
            return result.value;
        });
    }

  private:
    const pinfold::Crew crew_;
    const bool is_traced_;
    const std::vector<int> cpus_;
    pinfold::Pool pool_;
    pinfold::JobOptions<Partial> options_;
};

}  // namespace

std::unique_ptr<Runner> make_pinfold(pinfold::Crew crew, int workers) {
    return std::make_unique<Pinfold>(crew, workers, false);
}

std::unique_ptr<Runner> make_traced_pinfold(pinfold::Crew crew, int workers) {
    return std::make_unique<Pinfold>(crew, workers, true);
}

}  // namespace bench
