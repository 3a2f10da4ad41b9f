#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <pinfold/engine/keyed/keyed.hpp>
#include <ranges>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace pinfold::testing {

template <typename T>
void append_bytes(std::string& bytes, const T& value);

template <typename First, typename Second>
void append_bytes(std::string& bytes, const std::pair<First, Second>& value) {
    append_bytes(bytes, value.first);
    append_bytes(bytes, value.second);
}

/// Two values give the same bytes where each of their bits is the same.
template <typename T>
void append_bytes(std::string& bytes, const T& value) {
    if constexpr (std::ranges::range<T>) {
        append_bytes(bytes, static_cast<std::uint64_t>(std::ranges::distance(value)));
        for (const auto& element : value) {
            append_bytes(bytes, element);
        }
    } else {
        static_assert(std::is_trivially_copyable_v<T>);
        bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
    }
}

/// All of a table or of groups, as it lies: order, keys and values, to the bit.
template <typename Table>
std::string bytes_of(const Table& table) {
    std::string bytes;
    for (const auto& [key, value] : table) {
        append_bytes(bytes, key);
        append_bytes(bytes, value);
    }
    return bytes;
}

}  // namespace pinfold::testing
