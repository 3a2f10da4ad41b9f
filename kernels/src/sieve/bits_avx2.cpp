// The functions of bits_scalar.cpp, 32 bytes at a time. A byte's count, and the sum of the residues
// of its bits (at most 120), are looked up by its two halves; PSADBW adds up eight of either. A
// byte's number k is that of its vector times 32 plus its place in it: the counts are weighed with
// the places by PMADDUBSW, and with the vectors by a running total (Abel): the sum of all totals so
// far, taken after each of v vectors, counts vector i v - i times.
#include <immintrin.h>

#include "isa/isa_targets.hpp"
#include "sieve/bits.hpp"
#include "sieve/half_byte_tables.hpp"

namespace pinfold::kernels {
namespace {

constexpr std::size_t lanes = 32;

PINFOLD_AVX2 __m256i load(const std::uint8_t* bytes) noexcept {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(bytes));
}

PINFOLD_AVX2 __m256i load_twice(const std::array<std::uint8_t, 16>& table) noexcept {
    return _mm256_broadcastsi128_si256(
        _mm_load_si128(reinterpret_cast<const __m128i*>(table.data())));
}

PINFOLD_AVX2 std::uint64_t sum_of_lanes(__m256i lanes_of_64) noexcept {
    alignas(32) std::array<std::uint64_t, 4> parts;
    _mm256_store_si256(reinterpret_cast<__m256i*>(parts.data()), lanes_of_64);
    return parts[0] + parts[1] + parts[2] + parts[3];
}

/// Looks both halves of each byte up and adds what they give.
PINFOLD_AVX2 __m256i look_up(__m256i bytes, __m256i low_table, __m256i high_table) noexcept {
    const __m256i half = _mm256_set1_epi8(0x0F);
    const __m256i low = _mm256_and_si256(bytes, half);
    const __m256i high = _mm256_and_si256(_mm256_srli_epi16(bytes, 4), half);
    return _mm256_add_epi8(_mm256_shuffle_epi8(low_table, low),
                           _mm256_shuffle_epi8(high_table, high));
}

}  // namespace

// The accumulators for 2^20 bytes, 2^15 vectors: `places` gets at most 4 * 8 * 31 a vector in each
// 32-bit lane, below 2^25 in all; the others are of 64 bits.
PINFOLD_AVX2 BitSum sum_bits_avx2(std::span<const std::uint8_t> segment) noexcept {
    const __m256i low_counts = load_twice(low_halves.counts);
    const __m256i high_counts = load_twice(high_halves.counts);
    const __m256i low_sums = load_twice(low_halves.residue_sums);
    const __m256i high_sums = load_twice(high_halves.residue_sums);
    const __m256i places_in_vector = load(places_in_64.data());
    const __m256i zero = _mm256_setzero_si256();
    const __m256i ones = _mm256_set1_epi16(1);
    __m256i count = zero;
    __m256i running = zero;
    __m256i residue_sum = zero;
    __m256i places = zero;
    for (std::size_t byte = 0; byte < segment.size(); byte += lanes) {
        const __m256i bytes = load(&segment[byte]);
        const __m256i counts = look_up(bytes, low_counts, high_counts);
        const __m256i sums = look_up(bytes, low_sums, high_sums);
        count = _mm256_add_epi64(count, _mm256_sad_epu8(counts, zero));
        running = _mm256_add_epi64(running, count);
        residue_sum = _mm256_add_epi64(residue_sum, _mm256_sad_epu8(sums, zero));
        places = _mm256_add_epi32(
            places, _mm256_madd_epi16(_mm256_maddubs_epi16(counts, places_in_vector), ones));
    }
    const std::uint64_t vectors = segment.size() / lanes;
    const std::uint64_t total = sum_of_lanes(count);
    const __m256i wide_places = _mm256_add_epi64(
        _mm256_and_si256(places, _mm256_set1_epi64x(0xFFFF'FFFF)), _mm256_srli_epi64(places, 32));
    const std::uint64_t bytes =
        lanes * (vectors * total - sum_of_lanes(running)) + sum_of_lanes(wide_places);
    return {total, 30 * bytes + sum_of_lanes(residue_sum)};
}

PINFOLD_AVX2 std::uint64_t count_bits_avx2(std::span<const std::uint8_t> segment) noexcept {
    const __m256i low_counts = load_twice(low_halves.counts);
    const __m256i high_counts = load_twice(high_halves.counts);
    __m256i count = _mm256_setzero_si256();
    for (std::size_t byte = 0; byte < segment.size(); byte += lanes) {
        const __m256i counts = look_up(load(&segment[byte]), low_counts, high_counts);
        count = _mm256_add_epi64(count, _mm256_sad_epu8(counts, _mm256_setzero_si256()));
    }
    return sum_of_lanes(count);
}

PINFOLD_AVX2 void and_patterns_avx2(
    const std::array<const std::uint8_t*, patterns_at_once>& patterns, std::uint8_t* out,
    std::size_t size) noexcept {
    const auto [a, b, c, d, e, f, g, h] = patterns;
    for (std::size_t byte = 0; byte < size; byte += lanes) {
        const __m256i ab = _mm256_and_si256(load(a + byte), load(b + byte));
        const __m256i cd = _mm256_and_si256(load(c + byte), load(d + byte));
        const __m256i ef = _mm256_and_si256(load(e + byte), load(f + byte));
        const __m256i gh = _mm256_and_si256(load(g + byte), load(h + byte));
        const __m256i all = _mm256_and_si256(_mm256_and_si256(ab, cd), _mm256_and_si256(ef, gh));
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + byte),
                            _mm256_and_si256(all, load(out + byte)));
    }
}

}  // namespace pinfold::kernels
