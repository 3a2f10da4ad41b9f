#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace house {

/// One function of a source file.
struct Function {
    std::string head;  ///< its signature, in one line, without comments
    int first_line;    ///< where the signature begins
    int lines;         ///< from there to the closing brace
};

/// The functions of a C++ text and the lambdas that it names outside of functions, in their order.
/// What lies inside another function counts as part of that one. Throws std::runtime_error where
/// braces do not match.
std::vector<Function> functions(std::string_view text);

}  // namespace house
