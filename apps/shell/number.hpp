#pragma once

#include <cstdint>
#include <pinfold/engine/range.hpp>
#include <string>
#include <string_view>

namespace pinfold::apps {

/// The values that a number may have, both ends included.
struct Bounds {
    uint128 least = 0;
    uint128 most = two_to_64 - 1;
};

/// The value of a whole number as people type it and programs print it: `1000000`, `1_000_000`,
/// `1e6`, `1e+06`, `2.5e9`, `10^6`, `2^32`, and the sum or difference of two such, `2^64-59`. The
/// arithmetic is exact; no floating point is involved.
///
/// Throws std::invalid_argument that calls the number `name` and gives its text and the limit when
/// it is no number, negative, not whole (`1.5`, `1e-3`) or outside `bounds`.
[[nodiscard]] uint128 parse_number(std::string_view name, std::string_view text,
                                   Bounds bounds = {});

/// The same for bounds below 2^64.
[[nodiscard]] std::uint64_t parse_uint64(std::string_view name, std::string_view text,
                                         Bounds bounds = {});

/// The half-open range [begin, end) of two typed numbers. The end may also be `+LENGTH`, which
/// counts from the begin; it may be as high as 2^64.
///
/// Throws std::invalid_argument like parse_number(), and for an end below the begin.
[[nodiscard]] Range parse_range(std::string_view begin, std::string_view end);

}  // namespace pinfold::apps
