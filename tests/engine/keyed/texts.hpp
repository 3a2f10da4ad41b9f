#pragma once

#include <cstdint>
#include <map>
#include <random>
#include <sstream>
#include <string>

namespace pinfold::testing {

/// Lines of words, a few of them frequent and most of them rare, as in books.
inline std::string book(std::uint64_t words, std::uint32_t seed = 1) {
    std::minstd_rand random(seed);
    std::string text;
    for (std::uint64_t i = 0; i < words; ++i) {
        const std::uint64_t word = 1'000'000 / (1 + random() % 1'000'000);
        text += (word % 3 == 0 ? "a rather long word " : "w") + std::to_string(word);
        text += random() % 8 == 0 ? '\n' : ' ';
    }
    return text;
}

using Counts = std::map<std::string, std::uint64_t>;

/// How often each word is in a text, by the standard library's means.
inline Counts counts_of(const std::string& text) {
    std::istringstream in(text);
    Counts counts;
    for (std::string word; in >> word;) {
        ++counts[word];
    }
    return counts;
}

}  // namespace pinfold::testing
