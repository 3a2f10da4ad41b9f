#pragma once

#include <functional>
#include <string_view>

#include "shell/output.hpp"
#include "shell/result.hpp"

namespace pinfold::apps {

/// A value too long to be copied: calls its argument with one piece of the text after the other.
using Pieces = std::function<void(const std::function<void(std::string_view)>&)>;

/// print_result() for a value that comes in pieces, which `result.answer` does not have. It stands
/// behind the answer's other members. The text holds digits only.
void print_long_result(Output& output, Format format, const Result& result, const Pieces& value);

}  // namespace pinfold::apps
