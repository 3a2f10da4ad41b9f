#include "commands/number_line.hpp"

#include <fmt/format.h>

#include <stdexcept>
#include <string>

#include "jobs/primality/number_lines.hpp"
#include "shell/number.hpp"

namespace pinfold::apps {

namespace {

/// Words may hold anything, a message is one line of ASCII.
std::string escaped(std::string_view word) {
    std::string text;
    for (const char c : word) {
        const auto byte = static_cast<unsigned char>(c);
        text += byte >= 0x20 && byte < 0x7f ? std::string(1, c) : fmt::format("\\x{:02x}", byte);
    }
    return text;
}

}  // namespace

std::optional<std::uint64_t> read_number_word(std::string_view word) {
    try {
        return parse_uint64("", word);
    } catch (const std::invalid_argument&) {
        return std::nullopt;  // check_number_line() says why, once and for the first line alone
    }
}

void check_number_line(std::string_view name, std::string_view text, std::size_t begin) {
    const auto [first, second] = words_of_line(text, begin);
    if (first.size() > longest_number) {
        throw std::invalid_argument(fmt::format("{}: '{}...' is longer than any number", name,
                                                escaped(first.substr(0, longest_number))));
    }
    if (first.empty()) {
        return;
    }
    // Escaped or not, a word with other characters is no number.
    [[maybe_unused]] const std::uint64_t number =
        parse_uint64(fmt::format("{}:", name), escaped(first));
    if (!second.empty()) {
        throw std::invalid_argument(fmt::format("{} has a second word, '{}', behind '{}'", name,
                                                escaped(second), escaped(first)));
    }
}

}  // namespace pinfold::apps
