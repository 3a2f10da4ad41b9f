#pragma once

#include <functional>
#include <pinfold/engine/map_reduce.hpp>
#include <pinfold/engine/pool.hpp>

namespace bench {

/// The CPU of a pool's only worker.
inline int cpu_of_worker(pinfold::Pool& pool) {
    const auto job = pinfold::map_reduce(
        pool, pinfold::Range{0, 1}, [](const pinfold::Chunk&) { return 0; }, std::plus<>{});
    return job.report.workers.at(0).cpu;
}

/// Pools of one worker and of two, made before anything else so that their forks are small.
struct WorkerPools {
    pinfold::Pool one{{.workers = 1}};
    pinfold::Pool two{{.workers = 2}};
    int cpu_of_one = cpu_of_worker(one);
};

}  // namespace bench
