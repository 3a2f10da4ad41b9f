#pragma once

#include <immintrin.h>

#include "isa/isa_targets.hpp"
#include "sieve/half_byte_tables.hpp"

// Half-bytes looked up 64 bytes at a time, for both levels of AVX-512.
namespace pinfold::kernels {

[[gnu::always_inline]] PINFOLD_AVX512 inline __m512i load_four_times(
    const std::array<std::uint8_t, 16>& table) noexcept {
    return _mm512_broadcast_i32x4(_mm_load_si128(reinterpret_cast<const __m128i*>(table.data())));
}

/// Looks both halves of each byte up and adds what they give.
[[gnu::always_inline]] PINFOLD_AVX512 inline __m512i look_up(__m512i bytes, __m512i low_table,
                                                             __m512i high_table) noexcept {
    const __m512i half = _mm512_set1_epi8(0x0F);
    const __m512i low = _mm512_and_si512(bytes, half);
    const __m512i high = _mm512_and_si512(_mm512_srli_epi16(bytes, 4), half);
    return _mm512_add_epi8(_mm512_shuffle_epi8(low_table, low),
                           _mm512_shuffle_epi8(high_table, high));
}

}  // namespace pinfold::kernels
