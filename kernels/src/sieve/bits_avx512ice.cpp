// The functions of bits_avx2.cpp with what Ice Lake and Zen 4 added: VPOPCNTB counts the bits of
// each byte, and VPDPBUSD weighs and adds four bytes at once.
#include <immintrin.h>

#include "sieve/bits.hpp"
#include "sieve/half_bytes_avx512.hpp"

namespace pinfold::kernels {
namespace {

constexpr std::size_t lanes = 64;

PINFOLD_AVX512ICE std::uint64_t sum_of_32_bit_lanes(__m512i v) noexcept {
    const __m512i low = _mm512_and_si512(v, _mm512_set1_epi64(0xFFFF'FFFF));
    return static_cast<std::uint64_t>(
        _mm512_reduce_add_epi64(_mm512_add_epi64(low, _mm512_srli_epi64(v, 32))));
}

}  // namespace

// The accumulators for 2^20 bytes, 2^14 vectors, in each 32-bit lane: `count` gets at most 32 a
// vector and stays below 2^19; `places` and `residue_sum` below 2^25; `running` would reach 2^32,
// so it is emptied into 64 bits every 2^10 vectors and stays below 2^29.
PINFOLD_AVX512ICE BitSum sum_bits_avx512ice(std::span<const std::uint8_t> segment) noexcept {
    constexpr std::size_t block = 1024 * lanes;
    const __m512i low_sums = load_four_times(low_halves.residue_sums);
    const __m512i high_sums = load_four_times(high_halves.residue_sums);
    const __m512i places_in_vector = _mm512_load_si512(places_in_64.data());
    const __m512i ones = _mm512_set1_epi8(1);
    __m512i count = _mm512_setzero_si512();
    __m512i residue_sum = _mm512_setzero_si512();
    __m512i places = _mm512_setzero_si512();
    std::uint64_t all_running = 0;
    for (std::size_t begin = 0; begin < segment.size(); begin += block) {
        const std::size_t end = begin + block < segment.size() ? begin + block : segment.size();
        __m512i running = _mm512_setzero_si512();
        for (std::size_t byte = begin; byte < end; byte += lanes) {
            const __m512i bytes = _mm512_loadu_si512(&segment[byte]);
            const __m512i counts = _mm512_popcnt_epi8(bytes);
            count = _mm512_dpbusd_epi32(count, counts, ones);
            running = _mm512_add_epi32(running, count);
            places = _mm512_dpbusd_epi32(places, counts, places_in_vector);
            residue_sum =
                _mm512_dpbusd_epi32(residue_sum, look_up(bytes, low_sums, high_sums), ones);
        }
        all_running += sum_of_32_bit_lanes(running);
    }
    const std::uint64_t vectors = segment.size() / lanes;
    const std::uint64_t total = sum_of_32_bit_lanes(count);
    const std::uint64_t bytes =
        lanes * (vectors * total - all_running) + sum_of_32_bit_lanes(places);
    return {total, 30 * bytes + sum_of_32_bit_lanes(residue_sum)};
}

PINFOLD_AVX512ICE std::uint64_t count_bits_avx512ice(
    std::span<const std::uint8_t> segment) noexcept {
    __m512i count = _mm512_setzero_si512();
    for (std::size_t byte = 0; byte < segment.size(); byte += lanes) {
        count = _mm512_add_epi64(count, _mm512_popcnt_epi64(_mm512_loadu_si512(&segment[byte])));
    }
    return static_cast<std::uint64_t>(_mm512_reduce_add_epi64(count));
}

}  // namespace pinfold::kernels
