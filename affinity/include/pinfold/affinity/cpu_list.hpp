#pragma once

#include <pinfold/api.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pinfold::affinity {

/// The largest CPU number that this layer works with, which is the largest that Linux has.
inline constexpr int max_cpu = 8191;

/// Reads a CPU list: numbers and inclusive ranges separated by commas, such as "0,2,4-7".
///
/// The order is kept: worker 0 of a list "3,1" runs on CPU 3. place() checks whether the machine
/// has these CPUs.
///
/// Throws std::invalid_argument that names the first word which is empty, not a number, above
/// max_cpu, a range that falls, or a CPU that was listed before.
[[nodiscard]] PINFOLD_API std::vector<int> parse_cpu_list(std::string_view text);

/// The shortest text that parse_cpu_list() reads back as the same CPUs in the same order.
[[nodiscard]] PINFOLD_API std::string format_cpu_list(std::span<const int> cpus);

}  // namespace pinfold::affinity
