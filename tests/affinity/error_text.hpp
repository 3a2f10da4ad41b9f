#pragma once

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

namespace pinfold::test {

/// The text of the std::invalid_argument that `action` throws; a failure and "" when it throws
/// none.
template <typename Action>
std::string refusal(Action action) {
    try {
        action();
    } catch (const std::invalid_argument& error) {
        return error.what();
    }
    ADD_FAILURE() << "nothing was refused";
    return "";
}

/// Whether `text` holds `part`, for EXPECT_TRUE with a message.
inline testing::AssertionResult names(const std::string& text, const std::string& part) {
    if (text.find(part) != std::string::npos) {
        return testing::AssertionSuccess();
    }
    return testing::AssertionFailure() << "'" << text << "' does not name '" << part << "'";
}

}  // namespace pinfold::test
