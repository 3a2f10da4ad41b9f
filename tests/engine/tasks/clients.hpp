#pragma once

#include <signal.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <memory>
#include <numeric>
#include <optional>
#include <pinfold/engine/pool.hpp>
#include <pinfold/engine/tasks.hpp>
#include <pinfold/engine/this_worker.hpp>
#include <pinfold/shm/crossing.hpp>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "gate.hpp"
#include "leftovers.hpp"
#include "make_pool.hpp"
#include "on_each_crew.hpp"
#include "shared.hpp"

namespace pinfold::testing {

/// A pool with workers, of the crew that is the parameter.
class Clients : public NothingLeft, public ::testing::WithParamInterface<Crew> {
  protected:
    void SetUp() override { make({}); }
    void TearDown() override {
        pool.reset();
        NothingLeft::TearDown();
    }

    void make(pinfold::PoolOptions options) {
        options.crew = GetParam();
        options.workers = options.workers == 0 ? 2 : options.workers;
        options.pin = "none";
        options.arena_bytes = std::size_t{1} << 30;
        pool.reset();
        pool.emplace(options);
    }

    /// Tasks that keep all workers until the gate is open.
    std::vector<Future<void>> keep_all_busy() {
        std::vector<Future<void>> kept;
        for (int i = 0; i < pool->workers(); ++i) {
            kept.push_back(pool->submit([gate = gate.get()] { gate->pass(); }));
        }
        EXPECT_TRUE(gate->wait_for(static_cast<std::uint32_t>(pool->workers())));
        return kept;
    }

    Shared<Gate> gate;
    std::optional<Pool> pool;
};

/// The same for what only processes can, or only threads.
class ClientsOfProcesses : public Clients {};
class ClientsOfThreads : public Clients {};

inline int twice(int number) {
    return 2 * number;
}

inline std::vector<int> numbers_below(int end) {
    std::vector<int> numbers(static_cast<std::size_t>(end));
    std::iota(numbers.begin(), numbers.end(), 0);
    return numbers;
}

inline std::string crew_name(const ::testing::TestParamInfo<Crew>& crew) {
    return std::string(to_string(crew.param));
}

}  // namespace pinfold::testing
