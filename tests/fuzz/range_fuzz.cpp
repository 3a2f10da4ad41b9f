// The input is BEGIN, a line's end, END.

#include "fuzz_target.hpp"
#include "shell/number.hpp"

namespace pinfold::fuzz {
namespace {

using apps::parse_range;

void check_accepted(Range range) {
    require(range.begin <= range.end, "no range ends before it begins");
    require(range.end <= two_to_64, "no range ends above 2^64");
    const std::string begin = to_decimal(range.begin);
    require(parse_range(begin, to_decimal(range.end)) == range, "a printed range reads as itself");
    require(parse_range(begin, "+" + to_decimal(range.size())) == range,
            "a begin and a length are the same range");
}

}  // namespace
}  // namespace pinfold::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace pinfold::fuzz;
    const auto lines = split(as_text(data, size), "\n");
    const auto range = accepted([&] { return parse_range(lines.front(), lines.back()); });
    if (range) {
        check_accepted(*range);
    }
    return 0;
}
