// A pattern of the primes p, q, ... repeats after p q ... bytes. The sixteen patterns below hold
// the 35 primes from 7 to 163: the smallest go in threes, and of the others the smallest goes with
// the largest, so that all are about as long, and they stay in the second-level cache together.
#include "sieve/presieve.hpp"

#include <algorithm>
#include <cstring>
#include <memory>

#include "made_once.hpp"
#include "wheel/wheel30.hpp"

namespace pinfold::kernels {
namespace {

constexpr std::array<std::array<std::uint32_t, 3>, 16> groups = {{
    {7, 23, 37},
    {11, 19, 31},
    {13, 17, 29},
    {41, 163, 1},
    {43, 157, 1},
    {47, 151, 1},
    {53, 149, 1},
    {59, 139, 1},
    {61, 137, 1},
    {67, 131, 1},
    {71, 127, 1},
    {73, 113, 1},
    {79, 109, 1},
    {83, 107, 1},
    {89, 103, 1},
    {97, 101, 1},
}};

/// How many bytes of all patterns are joined at a time. Patterns are kept that much longer than
/// their period, so none begins anew within.
constexpr std::size_t stretch_bytes = 1024;
static_assert(stretch_bytes % vector_bytes == 0);

void cross_off_all(std::uint32_t prime, std::span<std::uint8_t> bytes) {
    for (std::size_t multiple = prime; multiple < 30 * bytes.size(); multiple += 2 * prime) {
        if (residue_bit[multiple % 30] < 8) {
            bytes[multiple / 30] &= static_cast<std::uint8_t>(~(1U << residue_bit[multiple % 30]));
        }
    }
}

/// Sets the bits of the presieved primes, and clears that of 1, in a block that begins at
/// 30 * first_byte.
void restore_primes(std::uint64_t first_byte, std::span<std::uint8_t> block) {
    const auto put = [&](std::uint32_t prime) {
        const std::uint64_t byte = prime / 30;
        if (byte >= first_byte && byte - first_byte < block.size()) {
            block[byte - first_byte] |= static_cast<std::uint8_t>(1U << residue_bit[prime % 30]);
        }
    };
    for (const auto& group : groups) {
        std::for_each(group.begin(), group.end(), [&](auto p) { p > 1 ? put(p) : void(); });
    }
    if (first_byte == 0) {
        block[0] &= 0xFE;
    }
}

}  // namespace

Presieve::Presieve() {
    for (std::size_t i = 0; i < groups.size(); ++i) {
        Pattern& pattern = passes_[i / patterns_at_once][i % patterns_at_once];
        pattern.period = std::size_t{1} * groups[i][0] * groups[i][1] * groups[i][2];
        pattern.bytes.assign(pattern.period + stretch_bytes, 0xFF);
        for (const std::uint32_t prime : groups[i]) {
            if (prime > 1) {
                cross_off_all(prime, pattern.bytes);
            }
        }
    }
}

const Presieve& Presieve::instance() {
    static constinit MadeOnce<Presieve> presieve;
    return presieve.get([] { return std::unique_ptr<const Presieve>(new Presieve()); });
}

void Presieve::join(const Pass& pass, std::uint64_t first_byte, std::span<std::uint8_t> block,
                    const SieveFunctions& functions) {
    std::array<std::size_t, patterns_at_once> at{};
    for (std::size_t i = 0; i < pass.size(); ++i) {
        at[i] = first_byte % pass[i].period;
    }
    for (std::size_t done = 0; done < block.size(); done += stretch_bytes) {
        std::array<const std::uint8_t*, patterns_at_once> from{};
        for (std::size_t i = 0; i < pass.size(); ++i) {
            from[i] = pass[i].bytes.data() + at[i];
            at[i] += stretch_bytes;  // less than a period, which is 5957 bytes at least
            at[i] -= at[i] >= pass[i].period ? pass[i].period : 0;
        }
        functions.and_patterns(from, block.data() + done,
                               std::min(stretch_bytes, block.size() - done));
    }
}

void Presieve::fill(std::uint64_t first_byte, std::span<std::uint8_t> block,
                    const SieveFunctions& functions) const {
    std::memset(block.data(), 0xFF, block.size());
    for (const Pass& pass : passes_) {
        join(pass, first_byte, block, functions);
    }
    if (first_byte <= largest_presieved_prime / 30) {
        restore_primes(first_byte, block);
    }
}

}  // namespace pinfold::kernels
