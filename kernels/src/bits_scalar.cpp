// Sums the numbers of a bitmap straight from its bits. Bit i of byte k stands for 30 k +
// residues[i], so the sum is 30 times the sum of k over the set bits, plus the sum of the residues.
//
// The bits of a word are counted within each byte by masks and shifts (Wilkes, Wheeler, Gill 1957).
// Multiplying the eight counts by 0, 1, ..., 7 places weighs each with its byte; both products fit
// their top byte, for 8 (0 + 1 + ... + 7) = 224. All residues are odd, so their sum is the count
// plus twice the number of bits whose residue has bit 1 set, four times those with bit 2, and so
// on.
#include <bit>
#include <cstring>

#include "isa_functions.hpp"
#include "wheel30.hpp"

namespace pinfold::kernels {
namespace {

constexpr std::uint64_t every_byte = 0x0101'0101'0101'0101;

/// The bits of a word whose residue has bit `power` set.
constexpr std::uint64_t residues_with(unsigned power) {
    std::uint64_t byte = 0;
    for (std::size_t i = 0; i < 8; ++i) {
        byte |= std::uint64_t{(residues[i] >> power) & 1U} << i;
    }
    return byte * every_byte;
}

constexpr std::uint64_t counts_in_bytes(std::uint64_t word) {
    word -= (word >> 1) & (0x55 * every_byte);
    word = (word & (0x33 * every_byte)) + ((word >> 2) & (0x33 * every_byte));
    return (word + (word >> 4)) & (0x0F * every_byte);
}

constexpr std::uint64_t count(std::uint64_t word) {
    return (counts_in_bytes(word) * every_byte) >> 56;
}

/// The sum of the byte numbers, 0 to 7, of the bits that are counted in `counts`.
constexpr std::uint64_t sum_of_bytes(std::uint64_t counts) {
    return (counts * 0x0001'0203'0405'0607) >> 56;
}

constexpr std::uint64_t sum_of_residues(std::uint64_t word) {
    return count(word) + 2 * count(word & residues_with(1)) + 4 * count(word & residues_with(2)) +
           8 * count(word & residues_with(3)) + 16 * count(word & residues_with(4));
}

std::uint64_t word_at(std::span<const std::uint8_t> segment, std::size_t byte) noexcept {
    std::uint64_t word = 0;
    std::memcpy(&word, &segment[byte], sizeof word);
    return word;
}

BitSum sum_bits(std::span<const std::uint8_t> segment) noexcept {
    BitSum total;
    std::uint64_t bytes = 0;
    for (std::size_t byte = 0; byte < segment.size(); byte += sizeof(std::uint64_t)) {
        const std::uint64_t word = word_at(segment, byte);
        const std::uint64_t counts = counts_in_bytes(word);
        const std::uint64_t in_word = (counts * every_byte) >> 56;
        total.count += in_word;
        total.sum += sum_of_residues(word);
        bytes += byte * in_word + sum_of_bytes(counts);
    }
    total.sum += 30 * bytes;
    return total;
}

std::uint64_t count_bits(std::span<const std::uint8_t> segment) noexcept {
    std::uint64_t total = 0;
    for (std::size_t byte = 0; byte < segment.size(); byte += sizeof(std::uint64_t)) {
        total += count(word_at(segment, byte));
    }
    return total;
}

void and_patterns(const std::array<const std::uint8_t*, patterns_at_once>& patterns,
                  std::uint8_t* out, std::size_t size) noexcept {
    for (std::size_t byte = 0; byte < size; byte += sizeof(std::uint64_t)) {
        std::uint64_t word = ~std::uint64_t{0};
        for (const std::uint8_t* const pattern : patterns) {
            std::uint64_t part = 0;
            std::memcpy(&part, pattern + byte, sizeof part);
            word &= part;
        }
        std::uint64_t old = 0;
        std::memcpy(&old, out + byte, sizeof old);
        word &= old;
        std::memcpy(out + byte, &word, sizeof word);
    }
}

}  // namespace

const IsaFunctions scalar_functions = {and_patterns,      sum_bits,
                                       count_bits,        set_up_large_primes_scalar,
                                       test_batch_scalar, sum_streams_scalar};

}  // namespace pinfold::kernels
