#pragma once

#include <memory>
#include <vector>

#include "keeper/process_state.hpp"

namespace pinfold::detail {

/// Processes whose space has ended before them: a thread waits for the end of each, and reaps it,
/// so that no zombie stays. It ends with the last. Where there is no thread to be had, they stay
/// for the program to reap, or until that ends.
void reap_later(std::vector<std::shared_ptr<ProcessState>> orphans) noexcept;

}  // namespace pinfold::detail
