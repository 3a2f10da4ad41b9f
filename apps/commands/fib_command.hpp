#pragma once

#include <CLI/CLI.hpp>

namespace pinfold::apps {

class StopSignals;

/// Adds `pinfold fib`. The signals must outlive the parse, which runs the command.
void add_fib_command(CLI::App& app, const StopSignals& signals);

}  // namespace pinfold::apps
