#pragma once

#include <CLI/CLI.hpp>
#include <string_view>

namespace pinfold::apps {

class StopSignals;

/// What the journals of both commands call their job. They are the same: a journal holds counts and
/// sums, whichever was asked for.
inline constexpr std::string_view prime_totals_journal = "prime-sum";

/// Adds `pinfold prime-sum` and `pinfold prime-count`, which ask the same of a range and differ in
/// what they tell. The signals must outlive the parse, which runs the command.
void add_prime_totals_commands(CLI::App& app, const StopSignals& signals);

}  // namespace pinfold::apps
