#pragma once

#include <CLI/CLI.hpp>

namespace pinfold::apps {

class StopSignals;

/// Adds `pinfold is-prime`. The signals must outlive the parse, which runs the command.
void add_is_prime_command(CLI::App& app, const StopSignals& signals);

}  // namespace pinfold::apps
