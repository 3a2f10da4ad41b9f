#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace pinfold::apps {

/// The number that a word of a file stands for, written like parse_number()'s; nothing if it is
/// none below 2^64.
[[nodiscard]] std::optional<std::uint64_t> read_number_word(std::string_view word);

/// Throws std::invalid_argument that tells what is wrong with the line that begins at `begin`: the
/// message starts with `name`, such as "line 3 of 'numbers'", and quotes at most longest_number
/// characters. Returns if nothing is wrong.
void check_number_line(std::string_view name, std::string_view text, std::size_t begin);

}  // namespace pinfold::apps
