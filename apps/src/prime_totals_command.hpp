#pragma once

#include <CLI/CLI.hpp>

namespace pinfold::apps {

class StopSignals;

/// Adds `pinfold prime-sum` and `pinfold prime-count`, which ask the same of a range and differ in
/// what they tell. The signals must outlive the parse, which runs the command.
void add_prime_totals_commands(CLI::App& app, const StopSignals& signals);

}  // namespace pinfold::apps
