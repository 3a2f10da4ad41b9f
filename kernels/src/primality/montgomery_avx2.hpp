#pragma once

#include <immintrin.h>

#include <cstdint>

#include "isa/isa_targets.hpp"

// Montgomery's product (1985) modulo four odd numbers side by side, by the 32-bit multiplication of
// AVX2: x stands for x 2^64 mod n. Residues are words of 64 bits that need not be below n, so a
// result is corrected only if it does not fit a word: then it is less n.
//
// Nobody calls this with 2^64 - 1, - 3 or - 5, which have the factors 3, 13 and 11.
namespace pinfold::kernels::avx2 {

constexpr std::uint64_t low_half = 0xFFFF'FFFF;

PINFOLD_AVX2_INLINE __m256i every(std::uint64_t word) noexcept {
    return _mm256_set1_epi64x(static_cast<long long>(word));
}

PINFOLD_AVX2_INLINE __m256i load(const std::uint64_t* words) noexcept {
    return _mm256_load_si256(reinterpret_cast<const __m256i*>(words));
}

PINFOLD_AVX2_INLINE void store(std::uint64_t* words, __m256i values) noexcept {
    _mm256_store_si256(reinterpret_cast<__m256i*>(words), values);
}

PINFOLD_AVX2_INLINE __m256i high(__m256i words) noexcept {
    return _mm256_srli_epi64(words, 32);
}

PINFOLD_AVX2_INLINE __m256i low(__m256i words) noexcept {
    return _mm256_and_si256(words, every(low_half));
}

PINFOLD_AVX2_INLINE __m256i plus(__m256i a, __m256i b) noexcept {
    return _mm256_add_epi64(a, b);
}

/// high(word), or one more if that is not all of the word; for words up to 2^64 - 2^32.
PINFOLD_AVX2_INLINE __m256i high_rounded_up(__m256i words) noexcept {
    return high(plus(words, every(low_half)));
}

struct Moduli {
    __m256i n;
    __m256i high;     ///< of n
    __m256i inverse;  ///< of -n mod 2^32, in the low halves
};

PINFOLD_AVX2_INLINE Moduli make_moduli(__m256i n) noexcept {
    // Newton's step doubles the right bits, from five.
    __m256i inverse = _mm256_xor_si256(plus(n, plus(n, n)), every(2));
    for (int bits = 5; bits < 32; bits *= 2) {
        inverse =
            _mm256_mul_epu32(inverse, _mm256_sub_epi64(every(2), _mm256_mul_epu32(n, inverse)));
    }
    return {n, high(n), _mm256_sub_epi64(_mm256_setzero_si256(), inverse)};
}

/// t0 + 2^32 t1 + 2^64 t2, which is below 2^128. t0 is at most 2^64 - 2^32, and t1 below 3 * 2^32.
struct Product {
    __m256i t0;
    __m256i t1;
    __m256i t2;
};

PINFOLD_AVX2_INLINE Product square(__m256i a) noexcept {
    const __m256i a1 = high(a);
    const __m256i middle = _mm256_mul_epu32(a, a1);  // to be doubled
    return {_mm256_mul_epu32(a, a), high(_mm256_slli_epi64(middle, 33)),
            plus(_mm256_mul_epu32(a1, a1), _mm256_srli_epi64(middle, 31))};
}

PINFOLD_AVX2_INLINE Product multiply(__m256i a, __m256i b) noexcept {
    const __m256i a1 = high(a);
    const __m256i b1 = high(b);
    const __m256i first = _mm256_mul_epu32(a, b1);
    const __m256i second = _mm256_mul_epu32(a1, b);
    return {_mm256_mul_epu32(a, b), plus(low(first), low(second)),
            plus(_mm256_mul_epu32(a1, b1), plus(high(first), high(second)))};
}

/// a times 2^places, for less than 64 places.
PINFOLD_AVX2_INLINE Product shift(__m256i a, __m256i places) noexcept {
    const __m256i lower = _mm256_sllv_epi64(a, places);
    return {low(lower), high(lower), _mm256_srlv_epi64(a, _mm256_sub_epi64(every(64), places))};
}

/// The product plus a word.
PINFOLD_AVX2_INLINE Product plus(const Product& t, __m256i more) noexcept {
    return {plus(t.t0, low(more)), plus(t.t1, high(more)), t.t2};
}

/// The product over 2^64 mod n. A multiple of n clears its lowest 32 bits, another one the next.
/// All that is added to t2 fits a word: it is at most high(2^32 n - n) + 2^32 + 3, and n at most
/// 2^64 - 7.
PINFOLD_AVX2_INLINE __m256i reduce(const Product& t, const Moduli& mod) noexcept {
    const __m256i q0 = _mm256_mul_epu32(t.t0, mod.inverse);
    const __m256i cleared = plus(high_rounded_up(t.t0), high(_mm256_mul_epu32(q0, mod.n)));
    const __m256i rest = plus(_mm256_mul_epu32(q0, mod.high), cleared);
    const __m256i t1 = plus(low(rest), t.t1);
    const __m256i q1 = _mm256_mul_epu32(t1, mod.inverse);
    const __m256i carries = plus(high_rounded_up(t1), high(_mm256_mul_epu32(q1, mod.n)));
    const __m256i more = plus(plus(_mm256_mul_epu32(q1, mod.high), high(rest)), carries);
    const __m256i sum = plus(t.t2, more);
    const __m256i sign = every(std::uint64_t{1} << 63);  // comparisons are of signed words
    const __m256i overflows =
        _mm256_cmpgt_epi64(_mm256_xor_si256(more, sign), _mm256_xor_si256(sum, sign));
    return _mm256_sub_epi64(sum, _mm256_and_si256(overflows, mod.n));
}

}  // namespace pinfold::kernels::avx2
