// The input's first byte is how long the ranges are that the rest, a text of lines, is cut into.

#include "jobs/primality/number_lines.hpp"

#include <string_view>

#include "commands/number_line.hpp"
#include "fuzz_target.hpp"
#include "number_lines_in_ranges.hpp"
#include "shell/number.hpp"

namespace pinfold::fuzz {
namespace {

using apps::Findings;
using apps::read_in_ranges;

std::string_view without_blanks(std::string_view line) {
    constexpr std::string_view blanks = " \t\v\f\r";
    const std::size_t first = line.find_first_not_of(blanks);
    return first == std::string_view::npos
               ? std::string_view()
               : line.substr(first, line.find_last_not_of(blanks) + 1 - first);
}

/// The same by the reader of the command line's numbers, line by line.
Findings read_plainly(std::string_view text) {
    Findings all;
    std::size_t begin = 0;
    for (const std::string_view line : split(text, "\n")) {
        if (begin == text.size()) {
            break;  // behind the last line's end
        }
        const std::string_view word = without_blanks(line);
        if (!word.empty()) {
            const auto number = accepted([&] { return apps::parse_uint64("N", word); });
            if (!number || word.size() > apps::longest_number) {
                all.flaw = begin;
                return all;
            }
            all.numbers.push_back(*number);
        }
        ++all.lines;
        begin += line.size() + 1;
    }
    return all;
}

void check(std::string_view text, std::size_t grain) {
    const Findings found = read_in_ranges(text, grain);
    require(found == read_plainly(text), "lines in ranges read as lines one by one");
    const std::size_t line = found.flaw.value_or(0);
    const bool is_good = accepted([&] {
                             apps::check_number_line("a line", text, line);
                             return true;
                         }).has_value();
    require(is_good != found.flaw.has_value(), "a flawed line, and no other, has a complaint");
}

}  // namespace
}  // namespace pinfold::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace pinfold::fuzz;
    if (size != 0) {
        check(as_text(data + 1, size - 1), std::size_t{data[0]} + 1);
    }
    return 0;
}
