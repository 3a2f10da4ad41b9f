#pragma once

#include <CLI/CLI.hpp>

namespace pinfold::apps {

class StopSignals;

/// Adds `pinfold nth-prime`. The signals must outlive the parse, which runs the command.
void add_nth_prime_command(CLI::App& app, const StopSignals& signals);

}  // namespace pinfold::apps
