#pragma once

#include <CLI/CLI.hpp>

namespace pinfold::apps {

/// Adds `pinfold topo`, which shows a machine and where workers would run on it. It starts none.
void add_topo_command(CLI::App& app);

}  // namespace pinfold::apps
