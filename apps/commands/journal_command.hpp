#pragma once

#include <CLI/CLI.hpp>

namespace pinfold::apps {

/// Adds `pinfold journal`, which tells what a journal holds. It starts no worker and changes
/// nothing.
void add_journal_command(CLI::App& app);

}  // namespace pinfold::apps
