#pragma once

#include <charconv>
#include <cstddef>
#include <cstring>
#include <initializer_list>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

namespace chaos {

/// An option of a driver, whose value is a number.
struct Option {
    std::string_view name;
    unsigned* value;
};

inline unsigned number_in(const char* word) {
    unsigned value = 0;
    const char* const end = word + std::strlen(word);
    if (std::from_chars(word, end, value).ptr != end || *word == '\0') {
        throw std::invalid_argument(std::string("not a number: ") + word);
    }
    return value;
}

/// Reads `NAME VALUE` pairs into the options. Throws std::invalid_argument, with `usage` for a word
/// that is none of them.
inline void read_options(std::span<char* const> words, std::initializer_list<Option> options,
                         const char* usage) {
    for (std::size_t i = 0; i < words.size(); i += 2) {
        unsigned* value = nullptr;
        for (const Option& option : options) {
            value = option.name == words[i] ? option.value : value;
        }
        if (i + 1 == words.size() || value == nullptr) {
            throw std::invalid_argument(usage);
        }
        *value = number_in(words[i + 1]);
    }
}

}  // namespace chaos
