#pragma once

#include <pinfold/api.hpp>
#include <pinfold/engine/errors.hpp>

namespace pinfold::detail {

/// Throws TaskFailed. Where a text can carry what the task threw, that is nested in it. Not for
/// users.
[[noreturn]] PINFOLD_API void throw_task_failed(const TaskFailed::Details& details);

/// The same for the exception that is being handled, which is nested as it is; its type and its
/// text take the place of those in the details.
[[noreturn]] PINFOLD_API void throw_task_failed_by_current(TaskFailed::Details details);

}  // namespace pinfold::detail
