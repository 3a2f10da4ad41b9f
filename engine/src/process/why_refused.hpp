#pragma once

#include <string>
#include <system_error>

namespace pinfold::detail {

/// What stands in the way of a call that the system refused by `error`, and what to do about it, in
/// a few words; "" when the error's own text says it all.
[[nodiscard]] std::string why_refused(int error);

/// The error of a call that was refused: `what`, why, and the system's own text once.
[[nodiscard]] std::system_error refusal(int error, const std::string& what);

}  // namespace pinfold::detail
