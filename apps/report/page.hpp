#pragma once

#include <string>

#include "study/analysis.hpp"

namespace pinfold::apps {

/// Writes the page of a study, `directory`/index.html: one file that needs no other, and nothing of
/// the network. A page that was there before is replaced as a whole.
///
/// Draws with gnuplot and hwloc's lstopo, which it starts as child processes. Where one of them is
/// missing or fails, the page says so, and holds the figures as numbers. Throws std::system_error
/// that names the file when it cannot be written; what was there stays.
void write_page(const Study& study, const Analysis& analysis, const std::string& directory);

}  // namespace pinfold::apps
