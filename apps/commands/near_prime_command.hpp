#pragma once

#include <CLI/CLI.hpp>

namespace pinfold::apps {

/// Adds `pinfold next-prime` and `pinfold prev-prime`, which need no workers.
void add_near_prime_commands(CLI::App& app);

}  // namespace pinfold::apps
