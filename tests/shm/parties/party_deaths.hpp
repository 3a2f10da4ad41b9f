#pragma once

#include <gtest/gtest.h>

#include <string>
#include <tuple>

#include "party_step.hpp"

namespace pinfold::shm::testing {

/// Of a test whose parameter is a step, and at which passing of it a process dies: "Step3Passing1".
inline std::string name_of_death(
    const ::testing::TestParamInfo<std::tuple<detail::PartyStep, int>>& death) {
    const auto [step, passing] = death.param;
    return "Step" + std::to_string(static_cast<int>(step)) + "Passing" + std::to_string(passing);
}

}  // namespace pinfold::shm::testing
