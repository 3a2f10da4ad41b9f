// Numbers saturate while they are read: every step stops at `beyond`, which lies above every bound,
// so an absurd 9^9999 costs no time, cannot wrap round, and is refused by the one comparison with
// the bound at the end.

#include "shell/number.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace pinfold::apps {

namespace {

constexpr uint128 beyond = uint128{1} << 127;
static_assert(beyond > two_to_64 + two_to_64);

constexpr uint128 multiply(uint128 a, uint128 b) {
    return b != 0 && a > beyond / b ? beyond : a * b;
}

constexpr uint128 power(uint128 base, uint128 exponent) {
    // 128 factors of two reach `beyond`; the powers of 0 and 1 do not change after the first.
    constexpr uint128 enough = 128;
    uint128 result = 1;
    for (uint128 i = 0; i < std::min(exponent, enough); ++i) {
        result = multiply(result, base);
    }
    return result;
}

constexpr bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool take(std::string_view& text, std::string_view any_of) {
    if (text.empty() || any_of.find(text.front()) == std::string_view::npos) {
        return false;
    }
    text.remove_prefix(1);
    return true;
}

/// Takes the digits off the front of `text`; single underscores may stand between them.
std::string take_digits(std::string_view& text) {
    std::string digits;
    while (!text.empty()) {
        const bool underscore = text.front() == '_' && !digits.empty();
        const std::size_t next = underscore ? 1 : 0;
        if (next >= text.size() || !is_digit(text[next])) {
            break;
        }
        digits += text[next];
        text.remove_prefix(next + 1);
    }
    return digits;
}

uint128 value_of(std::string_view digits) {
    uint128 value = 0;
    for (const char digit : digits) {
        value = std::min(multiply(value, 10) + static_cast<uint128>(digit - '0'), beyond);
    }
    return value;
}

enum class Flaw { none, not_a_number, negative, not_whole };

struct Reading {
    uint128 value = 0;
    Flaw flaw = Flaw::none;
};

constexpr Reading not_a_number{0, Flaw::not_a_number};

constexpr std::string_view exponent_letters = "eE";

/// The digits with the decimal point moved `right` and `left` places from behind the last of them.
Reading with_point_moved(std::string digits, uint128 right, uint128 left) {
    if (right >= left) {
        return {multiply(value_of(digits), power(10, right - left))};
    }
    const std::size_t significant = digits.find_last_not_of('0') + 1;
    if (significant == 0) {
        return {0};
    }
    if (left - right > digits.size() - significant) {
        return {0, Flaw::not_whole};
    }
    digits.resize(digits.size() - static_cast<std::size_t>(left - right));
    return {value_of(digits)};
}

/// What may follow the digits `whole`: `.25`, `e9`, `e+09`, `e-2` or a fraction and one of these.
Reading read_decimal(const std::string& whole, std::string_view text) {
    std::string fraction;
    if (take(text, ".")) {
        fraction = take_digits(text);
        if (fraction.empty()) {
            return not_a_number;
        }
    }
    uint128 right = 0;
    uint128 left = fraction.size();
    if (take(text, exponent_letters)) {
        const bool negative = take(text, "-");
        if (!negative) {
            take(text, "+");
        }
        const std::string digits = take_digits(text);
        if (digits.empty()) {
            return not_a_number;
        }
        (negative ? left : right) += value_of(digits);
    }
    return text.empty() ? with_point_moved(whole + fraction, right, left) : not_a_number;
}

Reading read(std::string_view text) {
    const bool negative = take(text, "-");
    const std::string whole = take_digits(text);
    if (whole.empty()) {
        return not_a_number;
    }
    if (negative) {
        return {0, Flaw::negative};
    }
    if (take(text, "^")) {
        const std::string exponent = take_digits(text);
        const bool complete = !exponent.empty() && text.empty();
        return complete ? Reading{power(value_of(whole), value_of(exponent))} : not_a_number;
    }
    return read_decimal(whole, text);
}

std::string limit_text(uint128 limit) {
    if (limit == two_to_64) {
        return "2^64";
    }
    constexpr uint128 near = 100;  // so near that the digits would say less
    const bool near_two_to_64 = limit < two_to_64 && two_to_64 - limit < near;
    return near_two_to_64 ? "2^64 - " + to_decimal(two_to_64 - limit) : to_decimal(limit);
}

[[noreturn]] void refuse(std::string_view name, std::string_view text, std::string_view why) {
    throw std::invalid_argument(fmt::format("{} '{}' {}", name, text, why));
}

[[noreturn]] void refuse_negative(std::string_view name, std::string_view text, uint128 least) {
    refuse(name, text, "is negative; the least value is " + to_decimal(least));
}

/// `least` is the least value that all of `text` may have.
void check_flaw(std::string_view name, std::string_view text, Flaw flaw, uint128 least) {
    switch (flaw) {
        case Flaw::none:
            return;
        case Flaw::not_a_number:
            refuse(name, text, "is not a number such as 1000000, 1_000_000, 1e6 or 10^6");
        case Flaw::negative:
            refuse_negative(name, text, least);
        case Flaw::not_whole:
            refuse(name, text, "is not a whole number");
    }
}

void check_bounds(std::string_view name, std::string_view text, uint128 value, Bounds bounds) {
    if (value > bounds.most) {
        refuse(name, text, "is above the limit of " + limit_text(bounds.most));
    }
    if (value < bounds.least) {
        refuse(name, text, "is below the limit of " + limit_text(bounds.least));
    }
}

/// The value of `term`, a part of `text` without an operator. `least` is as for check_flaw().
uint128 parse_term(std::string_view name, std::string_view text, std::string_view term,
                   Bounds bounds, uint128 least) {
    const Reading reading = read(term);
    check_flaw(name, text, reading.flaw, least);
    check_bounds(name, text, reading.value, bounds);
    return reading.value;
}

/// Where the operator of a sum or difference stands. A sign in front of a number or of an exponent
/// is none.
std::size_t find_operator(std::string_view text) {
    std::size_t sign = text.find_first_of("+-", 1);
    while (sign != std::string_view::npos &&
           exponent_letters.find(text[sign - 1]) != std::string_view::npos) {
        sign = text.find_first_of("+-", sign + 1);
    }
    return sign;
}

}  // namespace

uint128 parse_number(std::string_view name, std::string_view text, Bounds bounds) {
    const std::size_t sign = find_operator(text);
    if (sign == std::string_view::npos) {
        return parse_term(name, text, text, bounds, bounds.least);
    }
    constexpr Bounds term_bounds{0, two_to_64};
    const auto term = [&](std::string_view part) {
        return parse_term(name, text, part, term_bounds, bounds.least);
    };
    const uint128 left = term(text.substr(0, sign));
    const uint128 right = term(text.substr(sign + 1));
    if (text[sign] == '-' && left < right) {
        refuse_negative(name, text, bounds.least);
    }
    const uint128 value = text[sign] == '+' ? left + right : left - right;
    check_bounds(name, text, value, bounds);
    return value;
}

std::uint64_t parse_uint64(std::string_view name, std::string_view text, Bounds bounds) {
    return static_cast<std::uint64_t>(parse_number(name, text, bounds));
}

namespace {

uint128 parse_end(std::string_view text, std::uint64_t begin) {
    constexpr Bounds bounds{0, two_to_64};
    if (!text.starts_with('+')) {
        return parse_number("END", text, bounds);
    }
    const uint128 end = begin + parse_number("END", text.substr(1), bounds);
    check_bounds("END", text, end, bounds);
    return end;
}

}  // namespace

Range parse_range(std::string_view begin, std::string_view end) {
    const std::uint64_t first = parse_uint64("BEGIN", begin);
    const uint128 past_last = parse_end(end, first);
    if (past_last < first) {
        throw std::invalid_argument(
            fmt::format("END {} is below BEGIN {}; the least END is BEGIN, for an empty range",
                        to_decimal(past_last), first));
    }
    return {first, past_last};
}

}  // namespace pinfold::apps
