#pragma once

#include <immintrin.h>

#include <cstdint>

#include "isa/isa_targets.hpp"

namespace pinfold::kernels {

/// The highest bit of each word: AVX2 compares signed words only.
PINFOLD_AVX2_INLINE __m256i flip_sign(__m256i words) noexcept {
    return _mm256_xor_si256(words, _mm256_set1_epi64x(INT64_MIN));
}

/// add_mod in four lanes. When m is at most 2^63 the sum fits, and less m it fits a signed word,
/// whose sign tells which of the two to take. Else the sum, which may be off by 2^64, is too large
/// when a is at least m - b.
template <bool sums_fit>
PINFOLD_AVX2_INLINE __m256i add_mod(__m256i a, __m256i b, __m256i m) noexcept {
    const __m256i sum = _mm256_add_epi64(a, b);
    const __m256i less = _mm256_sub_epi64(sum, m);
    const __m256i is_small =
        sums_fit ? less : _mm256_cmpgt_epi64(flip_sign(_mm256_sub_epi64(m, b)), flip_sign(a));
    return _mm256_castpd_si256(_mm256_blendv_pd(_mm256_castsi256_pd(less), _mm256_castsi256_pd(sum),
                                                _mm256_castsi256_pd(is_small)));
}

/// Whether a sum of two numbers below m fits as add_mod() needs it.
constexpr bool do_sums_fit(std::uint64_t m) noexcept {
    return m <= std::uint64_t{1} << 63;
}

PINFOLD_AVX2_INLINE __m256i load_words(const std::uint64_t* words) noexcept {
    return _mm256_load_si256(reinterpret_cast<const __m256i*>(words));
}

PINFOLD_AVX2_INLINE void store_words(std::uint64_t* words, __m256i values) noexcept {
    _mm256_store_si256(reinterpret_cast<__m256i*>(words), values);
}

}  // namespace pinfold::kernels
