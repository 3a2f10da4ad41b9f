#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "fuzz_target.hpp"

namespace pinfold::fuzz {

/// The words of a command line, one a line, in the reverse order that CLI::App::parse() takes.
[[nodiscard]] inline std::vector<std::string> reversed_arguments(std::string_view text) {
    const auto lines = split(text, "\n");
    return {lines.rbegin(), lines.rend()};
}

}  // namespace pinfold::fuzz
