#include <algorithm>
#include <cstring>
#include <pinfold/kernels/sieving_primes.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "arithmetic/integer_sqrt.hpp"
#include "arithmetic/number_range.hpp"
#include "sieve/segment_sieve.hpp"
#include "wheel/wheel30.hpp"

namespace pinfold::kernels {
namespace {

/// A bitmap of the primes up to sqrt(2^32), which sieve the sieving primes: by Eratosthenes as he
/// told it, for there are only 65,536 numbers.
std::vector<std::byte> primes_below_2_to_the_16() {
    std::vector<std::byte> bitmap(65536 / 30 + 1, std::byte{0xFF});
    bitmap[0] = std::byte{0xFE};
    const auto clear = [&](std::uint32_t n) {
        if (residue_bit[n % 30] < 8) {
            bitmap[n / 30] &= ~(std::byte{1} << residue_bit[n % 30]);
        }
    };
    for (std::uint32_t p = 7; p < 256; p += 2) {
        for (std::uint32_t multiple = p * p; multiple < 30 * bitmap.size(); multiple += 2 * p) {
            clear(multiple);
        }
    }
    return bitmap;
}

}  // namespace

std::size_t sieving_bitmap_bytes(uint128 end) noexcept {
    const uint128 last = std::min(end, two_to_64) - (end > 0 ? 1 : 0);
    return integer_sqrt(static_cast<std::uint64_t>(last)) / 30 + 1;
}

void find_sieving_primes(std::size_t first, std::size_t last, std::span<std::byte> bitmap) {
    const std::size_t room = std::min(bitmap.size(), sieving_bitmap_bytes(two_to_64));
    if (last < first || last > room) {
        throw std::invalid_argument("the bytes [" + std::to_string(first) + ", " +
                                    std::to_string(last) + ") lie outside a bitmap of " +
                                    std::to_string(room) + " bytes");
    }
    if (first == last) {
        return;
    }
    SegmentSieve sieve(30 * first, uint128{30} * last, primes_below_2_to_the_16());
    std::byte* out = bitmap.data() + first;
    std::byte* const end = bitmap.data() + last;
    for (auto segment = sieve.next(); !segment.bits.empty(); segment = sieve.next()) {
        const auto size = std::min(segment.bits.size(), static_cast<std::size_t>(end - out));
        std::memcpy(out, segment.bits.data(), size);
        out += size;
    }
}

}  // namespace pinfold::kernels
