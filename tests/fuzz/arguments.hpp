#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "fuzz_target.hpp"

namespace pinfold::fuzz {

/// The words of a command line, one a line.
[[nodiscard]] inline std::vector<std::string> words_of(std::string_view text) {
    const auto lines = split(text, "\n");
    return {lines.begin(), lines.end()};
}

}  // namespace pinfold::fuzz
