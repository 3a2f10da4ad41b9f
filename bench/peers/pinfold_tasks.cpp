#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <fstream>
#include <pinfold/engine/tasks.hpp>
#include <pinfold/shm/arena.hpp>
#include <utility>
#include <vector>

#include "harness/task_runners.hpp"
#include "peers/require.hpp"
#include "peers/worker_cpus.hpp"

namespace bench {
namespace {

/// What this process has in memory.
std::size_t resident_bytes() {
    std::size_t pages = 0;
    std::ifstream("/proc/self/statm") >> pages >> pages;
    return pages * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

class PinfoldTasks final : public Runner {
  public:
    PinfoldTasks(pinfold::Crew crew, int workers, std::uint64_t in_flight)
        : crew_(crew),
          cpus_(worker_cpus(workers)),
          pool_({.crew = crew, .workers = workers, .pin = "cores"}),
          futures_(in_flight),
          used_(pool_.arena()->used_bytes()) {}

    ~PinfoldTasks() override {
        constexpr std::size_t slack = std::size_t{1} << 20;  // of the C library's heap
        require(pool_.arena()->used_bytes() == used_, "what the arena holds after all tasks");
        require(resident_bytes() <= resident_ + slack, "what the host holds after all tasks");
    }

    [[nodiscard]] int caller_cpu() const override {
        return crew_ == pinfold::Crew::serial ? cpus_.front() : -1;
    }

    Partial run(const Work& work) override {
        const Partial all = with_map(work, [&](auto map) { return run_each(work.chunks, map); });
        if (resident_ == 0) {
            resident_ = resident_bytes();
        }
        return all;
    }

  private:
    template <typename Map>
    Partial run_each(std::uint64_t tasks, Map map) {
        const std::uint64_t in_flight = futures_.size();
        Partial all;
        for (std::uint64_t i = 0; i < tasks + in_flight; ++i) {
            pinfold::Future<Partial>& future = futures_[i % in_flight];
            if (future.valid()) {
                all = all + std::move(future).get();
            }
            if (i < tasks) {
                future = pool_.submit(map, i);
            }
        }
        return all;
    }

    const pinfold::Crew crew_;
    const std::vector<int> cpus_;
    pinfold::Pool pool_;
    std::vector<pinfold::Future<Partial>> futures_;
    const std::size_t used_;
    std::size_t resident_ = 0;  // after the first job
};

}  // namespace

std::unique_ptr<Runner> make_pinfold_tasks(pinfold::Crew crew, int workers,
                                           std::uint64_t in_flight) {
    return std::make_unique<PinfoldTasks>(crew, workers, in_flight);
}

}  // namespace bench
