#pragma once

namespace pinfold::apps {

/// The whole program: reads the arguments, runs the command, prints its result to standard output
/// and at most one line about an error to standard error.
///
/// Returns the exit status: 0 for success, 1 when the job or the output failed, 2 for bad input
/// (then no worker was started), 128 + n after signal n, so 130 for Ctrl-C. Throws nothing.
[[nodiscard]] int run_command_line(int argc, char** argv) noexcept;

}  // namespace pinfold::apps
