// The functions of bits_avx2.cpp, 64 bytes at a time; the idea is told there.
#include <immintrin.h>

#include "sieve/bits.hpp"
#include "sieve/half_bytes_avx512.hpp"

namespace pinfold::kernels {
namespace {

constexpr std::size_t lanes = 64;

PINFOLD_AVX512 __m512i load(const std::uint8_t* bytes) noexcept {
    return _mm512_loadu_si512(bytes);
}

PINFOLD_AVX512 std::uint64_t sum_of_lanes(__m512i lanes_of_64) noexcept {
    return static_cast<std::uint64_t>(_mm512_reduce_add_epi64(lanes_of_64));
}

}  // namespace

// The accumulators for 2^20 bytes, 2^14 vectors: `places` gets at most 4 * 8 * 63 a vector in each
// 32-bit lane, below 2^25 in all; the others are of 64 bits.
PINFOLD_AVX512 BitSum sum_bits_avx512(std::span<const std::uint8_t> segment) noexcept {
    const __m512i low_counts = load_four_times(low_halves.counts);
    const __m512i high_counts = load_four_times(high_halves.counts);
    const __m512i low_sums = load_four_times(low_halves.residue_sums);
    const __m512i high_sums = load_four_times(high_halves.residue_sums);
    const __m512i places_in_vector = load(places_in_64.data());
    const __m512i zero = _mm512_setzero_si512();
    const __m512i ones = _mm512_set1_epi16(1);
    __m512i count = zero;
    __m512i running = zero;
    __m512i residue_sum = zero;
    __m512i places = zero;
    for (std::size_t byte = 0; byte < segment.size(); byte += lanes) {
        const __m512i bytes = load(&segment[byte]);
        const __m512i counts = look_up(bytes, low_counts, high_counts);
        const __m512i sums = look_up(bytes, low_sums, high_sums);
        count = _mm512_add_epi64(count, _mm512_sad_epu8(counts, zero));
        running = _mm512_add_epi64(running, count);
        residue_sum = _mm512_add_epi64(residue_sum, _mm512_sad_epu8(sums, zero));
        places = _mm512_add_epi32(
            places, _mm512_madd_epi16(_mm512_maddubs_epi16(counts, places_in_vector), ones));
    }
    const std::uint64_t vectors = segment.size() / lanes;
    const std::uint64_t total = sum_of_lanes(count);
    const auto in_vectors = static_cast<std::uint64_t>(_mm512_reduce_add_epi32(places));
    const std::uint64_t bytes = lanes * (vectors * total - sum_of_lanes(running)) + in_vectors;
    return {total, 30 * bytes + sum_of_lanes(residue_sum)};
}

PINFOLD_AVX512 std::uint64_t count_bits_avx512(std::span<const std::uint8_t> segment) noexcept {
    const __m512i low_counts = load_four_times(low_halves.counts);
    const __m512i high_counts = load_four_times(high_halves.counts);
    __m512i count = _mm512_setzero_si512();
    for (std::size_t byte = 0; byte < segment.size(); byte += lanes) {
        const __m512i counts = look_up(load(&segment[byte]), low_counts, high_counts);
        count = _mm512_add_epi64(count, _mm512_sad_epu8(counts, _mm512_setzero_si512()));
    }
    return sum_of_lanes(count);
}

PINFOLD_AVX512 void and_patterns_avx512(
    const std::array<const std::uint8_t*, patterns_at_once>& patterns, std::uint8_t* out,
    std::size_t size) noexcept {
    const auto [a, b, c, d, e, f, g, h] = patterns;
    constexpr int and_of_three = 0x80;
    for (std::size_t byte = 0; byte < size; byte += lanes) {
        const __m512i abc =
            _mm512_ternarylogic_epi64(load(a + byte), load(b + byte), load(c + byte), and_of_three);
        const __m512i def =
            _mm512_ternarylogic_epi64(load(d + byte), load(e + byte), load(f + byte), and_of_three);
        const __m512i gho = _mm512_ternarylogic_epi64(load(g + byte), load(h + byte),
                                                      load(out + byte), and_of_three);
        _mm512_storeu_si512(out + byte, _mm512_ternarylogic_epi64(abc, def, gho, and_of_three));
    }
}

}  // namespace pinfold::kernels
