#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "commands/number_line.hpp"
#include "jobs/primality/number_lines.hpp"

namespace pinfold::apps {

/// What is read from a text.
struct Findings {
    std::vector<std::uint64_t> numbers;
    std::uint64_t lines = 0;
    std::optional<std::size_t> flaw;
    friend bool operator==(const Findings&, const Findings&) = default;
};

/// Reads a text as the chunks of a job of `grain` bytes do, a few numbers at a time.
inline Findings read_in_ranges(std::string_view text, std::size_t grain) {
    Findings all;
    for (std::size_t begin = 0; begin < text.size() && !all.flaw; begin += grain) {
        NumberLines lines({text, read_number_word}, begin, std::min(begin + grain, text.size()));
        std::array<std::uint64_t, 3> batch;
        while (const std::size_t size = lines.read(batch)) {
            all.numbers.insert(all.numbers.end(), batch.begin(),
                               batch.begin() + static_cast<std::ptrdiff_t>(size));
        }
        all.lines += lines.lines();
        all.flaw = lines.flaw();
    }
    return all;
}

}  // namespace pinfold::apps
