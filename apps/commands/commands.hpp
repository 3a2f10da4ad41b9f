#pragma once

#include <string_view>

#include "shell/arguments.hpp"

namespace pinfold::apps {

class StopSignals;

/// The program, with all of its commands. The signals must outlive it.
[[nodiscard]] Program pinfold_program(const StopSignals& signals);

// The commands, each in a file of its own. Those that run jobs end them by the signals, which must
// outlive the command.

[[nodiscard]] Subcommand fib_command(const StopSignals& signals);
[[nodiscard]] Subcommand is_prime_command(const StopSignals& signals);
[[nodiscard]] Subcommand nth_prime_command(const StopSignals& signals);
[[nodiscard]] Subcommand words_command(const StopSignals& signals);

/// `prime-sum` and `prime-count` ask the same of a range and differ in what they tell.
[[nodiscard]] Subcommand prime_sum_command(const StopSignals& signals);
[[nodiscard]] Subcommand prime_count_command(const StopSignals& signals);

/// What the journals of these two call their job. They are the same: a journal holds counts and
/// sums, whichever was asked for.
inline constexpr std::string_view prime_totals_journal = "prime-sum";

/// `next-prime` and `prev-prime` need no workers.
[[nodiscard]] Subcommand next_prime_command();
[[nodiscard]] Subcommand previous_prime_command();

/// Tells what a journal holds. It starts no worker and changes nothing.
[[nodiscard]] Subcommand journal_command();

/// Tells what changed between two studies, or two files of Google Benchmark.
[[nodiscard]] Subcommand compare_command();

/// Measures how a job scales: runs this program, or any other, many times.
[[nodiscard]] Subcommand scale_command(const StopSignals& signals);

/// Shows running pools, until the signals end it. It starts no worker.
[[nodiscard]] Subcommand top_command(const StopSignals& signals);

/// Shows a machine and where workers would run on it. It starts none.
[[nodiscard]] Subcommand topo_command();

}  // namespace pinfold::apps
