#pragma once

#include <pinfold/engine/detail/process_mark.hpp>

namespace pinfold::detail {

/// The mark of the calling process. A child of it, forked by whatever call, has another one.
[[nodiscard]] ProcessMark mark_of_this_process() noexcept;

}  // namespace pinfold::detail
