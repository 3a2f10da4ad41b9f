#include "shell/number.hpp"

#include <algorithm>
#include <charconv>
#include <string>

#include "fuzz_target.hpp"

namespace pinfold::fuzz {
namespace {

using apps::Bounds;

std::optional<uint128> read(std::string_view text, Bounds bounds) {
    return accepted([&] { return apps::parse_number("N", text, bounds); });
}

bool is_plain(std::string_view text) {
    return !text.empty() && text.size() < 20 &&
           std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

void check_accepted(std::string_view text, uint128 value) {
    require(value <= two_to_64, "an accepted number is within its bounds");
    require(read(text, {value, value}) == value, "bounds that hold a number do not change it");
    require(value == 0 || !read(text, {0, value - 1}), "a number above its bounds is refused");
    require(!read(text, {value + 1, value + 1}), "a number below its bounds is refused");
    require(read(to_decimal(value), {0, two_to_64}) == value, "a printed number reads as itself");
    const std::string word(text);
    if (text.find_first_of("+-") == std::string_view::npos) {
        require(read(word + "+0", {0, two_to_64}) == value, "adding 0 changes nothing");
        require(read(word + "-" + word, {}) == uint128{0}, "a number less itself is 0");
    }
}

}  // namespace
}  // namespace pinfold::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace pinfold::fuzz;
    const std::string_view text = as_text(data, size);
    const auto value = read(text, {0, pinfold::two_to_64});
    if (value) {
        check_accepted(text, *value);
    }
    require(value.has_value() || !read(text, {}), "narrower bounds accept no more");
    if (is_plain(text)) {
        std::uint64_t expected = 0;
        std::from_chars(text.data(), text.data() + text.size(), expected);
        require(value == pinfold::uint128{expected}, "digits read as the standard library's");
    }
    return 0;
}
