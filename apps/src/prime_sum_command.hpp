#pragma once

#include <CLI/CLI.hpp>

namespace pinfold::apps {

class StopSignals;

/// Adds `pinfold prime-sum`. The signals must outlive the parse, which runs the command.
void add_prime_sum_command(CLI::App& app, const StopSignals& signals);

}  // namespace pinfold::apps
