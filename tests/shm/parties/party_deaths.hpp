#pragma once

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <cstddef>
#include <memory>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include "child_process.hpp"
#include "parties/shared_roster.hpp"
#include "party_crash_point.hpp"
#include "party_step.hpp"

namespace pinfold::shm::testing {

/// Of a test whose parameter is a step, and at which passing of it a process dies: "Step3Passing1".
inline std::string name_of_death(
    const ::testing::TestParamInfo<std::tuple<detail::PartyStep, int>>& death) {
    const auto [step, passing] = death.param;
    return "Step" + std::to_string(static_cast<int>(step)) + "Passing" + std::to_string(passing);
}

/// The processes 1 to parties - 1, made by `start(number)`.
template <typename Start>
[[nodiscard]] std::vector<std::unique_ptr<ChildProcess>> start_each(ProcessNumber parties,
                                                                    const Start& start) {
    std::vector<std::unique_ptr<ChildProcess>> children;
    for (ProcessNumber number = 1; number < parties; ++number) {
        children.push_back(start(number));
    }
    return children;
}

/// Lets them live, and others after them, until the crash point that was armed has struck one.
/// Expects that it does, and that nobody ends otherwise than by it, or with 0.
template <typename Start>
void live_until_struck(SharedRoster& shared, ProcessNumber parties, const Start& start) {
    for (int life = 0; life < 200 && !party_crash_point_struck(); ++life) {
        auto children = start_each(parties, start);
        for (const int code : shared.bury_all(children)) {
            EXPECT_TRUE(code == 0 || code == -SIGKILL) << code;
        }
    }
    EXPECT_TRUE(party_crash_point_struck());
}

/// Kills so many of them, one after the other, and starts another in its place; in the end all.
/// `start(number)` makes one that ends by itself only where something is torn.
template <typename Start>
void kill_at_random_moments(SharedRoster& shared, ProcessNumber parties, int deaths,
                            const Start& start) {
    std::mt19937_64 random(16);
    auto children = start_each(parties, start);
    for (int death = 0; death < deaths; ++death) {
        usleep(static_cast<useconds_t>(random() % 2000));
        const std::size_t at = random() % children.size();
        const auto number = static_cast<ProcessNumber>(at + 1);
        EXPECT_FALSE(children[at]->has_ended()) << "something was torn";
        shared.kill(*children[at], number);
        children[at] = start(number);
    }
    for (std::size_t at = 0; at < children.size(); ++at) {
        shared.kill(*children[at], static_cast<ProcessNumber>(at + 1));
    }
}

}  // namespace pinfold::shm::testing
