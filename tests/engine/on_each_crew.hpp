#pragma once

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

#include "leftovers.hpp"
#include "make_pool.hpp"

namespace pinfold::testing {

/// A test with a pool of the crew that is its parameter, which leaves nothing behind.
class OnEachCrew : public NothingLeft, public ::testing::WithParamInterface<Crew> {
  protected:
    explicit OnEachCrew(int workers = 3) : pool(make_pool(GetParam(), workers)) {}

    void TearDown() override {
        pool = Pool({.crew = Crew::serial});
        NothingLeft::TearDown();
    }

    Pool pool;
};

/// The words of the refusal of a call, or "accepted".
template <typename Error = std::invalid_argument, typename Call>
std::string refusal(const Call& call) {
    try {
        call();
        return "accepted";
    } catch (const Error& e) {
        return e.what();
    }
}

}  // namespace pinfold::testing
