#pragma once

// What every fuzz target is made of: the function that a fuzzer calls, and the laws that it checks.

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

/// Takes one input and returns 0. libFuzzer calls it millions of times, replay.cpp once for each
/// file of the corpus. A broken law, a sanitizer's finding or an exception that escapes ends the
/// program.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace pinfold::fuzz {

/// Ends the program, so that the fuzzer keeps the input, when a law does not hold.
inline void require(bool holds, const char* law) {
    if (!holds) {
        std::fprintf(stderr, "broken law: %s\n", law);
        std::abort();
    }
}

/// What `read` returns, or nothing where it refuses by `Refusal`, which must say why. Any other
/// exception goes on and ends the program.
template <typename Refusal = std::invalid_argument, std::invocable Read>
[[nodiscard]] auto accepted(Read&& read) -> std::optional<decltype(read())> {
    try {
        return std::forward<Read>(read)();
    } catch (const Refusal& refusal) {
        require(*refusal.what() != '\0', "a refusal says why");
        return std::nullopt;
    }
}

[[nodiscard]] inline std::string_view as_text(const std::uint8_t* data, std::size_t size) {
    return {reinterpret_cast<const char*>(data), size};  // NOLINT: a fuzzer's bytes are a text
}

/// The parts of `text` between separators, at least one.
[[nodiscard]] inline std::vector<std::string_view> split(std::string_view text,
                                                         std::string_view separator) {
    std::vector<std::string_view> parts;
    while (true) {
        const std::size_t end = text.find(separator);
        parts.push_back(text.substr(0, end));
        if (end == std::string_view::npos) {
            return parts;
        }
        text.remove_prefix(end + separator.size());
    }
}

}  // namespace pinfold::fuzz
