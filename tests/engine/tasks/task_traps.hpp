#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <pinfold/engine/tasks.hpp>
#include <pinfold/shm/crossing.hpp>
#include <string>
#include <utility>

#include "gate.hpp"
#include "on_each_crew.hpp"
#include "shared.hpp"

namespace pinfold::testing {

/// What tasks tell a test by, made before the pool, so that workers see it.
struct MadeBeforePool {
    const Shared<Gate> gate;
    const Shared<std::atomic<std::uint64_t>> runs;
};

/// What other pools of workers are known to trip over, on workers that are threads or processes.
class TaskTraps : protected MadeBeforePool, public OnEachCrew {
  protected:
    TaskTraps() : OnEachCrew(2) {}

    [[nodiscard]] bool has_processes() const { return GetParam() == Crew::processes; }

    /// Everybody has what the pool promises: another task has its value.
    void expect_usable() {
        EXPECT_EQ(pool.submit([](int a, int b) { return a + b; }, 3, 4).get(), 7);
    }
};

inline constexpr auto name_of_crew = [](const auto& info) {
    return std::string(to_string(info.param));
};

/// Holds its worker until the gate is open.
inline constexpr auto pass = [](const AtGate& at, int value) {
    at.gate->pass();
    return value;
};

/// The details of the failure of `future`; none if it has a value.
template <typename R>
FailedTask failure_of(const Future<R>& future) {
    try {
        static_cast<void>(future.get());
        ADD_FAILURE() << "the task has a value";
        return {};
    } catch (const TaskFailed& failed) {
        return failed.details();
    }
}

}  // namespace pinfold::testing

// The crews of a fixture that derives from TaskTraps.
#define PINFOLD_ON_WORKERS(fixture)                                                               \
    INSTANTIATE_TEST_SUITE_P(, fixture,                                                           \
                             ::testing::Values(pinfold::Crew::threads, pinfold::Crew::processes), \
                             pinfold::testing::name_of_crew)
