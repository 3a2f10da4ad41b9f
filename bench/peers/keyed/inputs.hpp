#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace bench {

/// `size`, or the part of it that PINFOLD_BENCH_SHARE asks for: "0.1" for a quick look.
[[nodiscard]] std::uint64_t share_of(std::uint64_t size);

// What the benches read is made at the first call, from a fixed seed, and lies in shared memory as
// the arrays of a pool do: pages of both kinds cost the same.

/// 200 MB of lower-case words with a space or a line's end between two. Their frequencies follow
/// Zipf's law over 400,000 words; frequent ones are short.
[[nodiscard]] std::string_view zipf_text();

/// 200 MB of HTML, a page a line, which begins with the page's number: words, and between them
/// links to 100,000 addresses, also by Zipf's law.
[[nodiscard]] std::string_view html_pages();

struct Row {
    std::uint32_t key;
    std::uint32_t value;
};

/// Rows in no order, whose keys lie anywhere among 32-bit integers.
[[nodiscard]] std::span<const Row> rows(std::uint64_t size, std::uint64_t keys);

/// 10^8 numbers in no order.
[[nodiscard]] std::span<const std::uint64_t> numbers();

}  // namespace bench
