#pragma once

#include <optional>

#include "environment/machine_files.hpp"

namespace pinfold::apps {

/// The size of a cache as the kernel writes it, such as "2048K", in bytes.
[[nodiscard]] std::optional<double> cache_bytes(const std::optional<std::string>& text);

/// The bytes of all last-level caches of the machine together. Absent where it does not tell.
[[nodiscard]] std::optional<double> last_level_cache_bytes(const MachineFiles& files);

}  // namespace pinfold::apps
