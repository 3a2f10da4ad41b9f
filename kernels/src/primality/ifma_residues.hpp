#pragma once

#include <immintrin.h>

#include <cstddef>
#include <cstdint>

#include "isa/isa_targets.hpp"

// A call would send all residues through memory.
#define PINFOLD_IFMA_INLINE PINFOLD_AVX512ICE __attribute__((always_inline)) inline

// Residues modulo eight odd numbers above 2^32 side by side, by the 52-bit multiply-add of AVX-512
// IFMA. A number is two limbs, low + 2^52 high, and x stands for 2^52 x mod n.
//
// A product of two has 128 bits and a little more. What exceeds 2^104 is folded: it is multiplied
// by 2^104 mod n and added. Then Montgomery's step (1985) clears the lowest 52 bits by a multiple
// of n, which leaves 65 bits. So a square takes twelve multiply-adds where two steps of
// Montgomery's take fifteen, and nothing is compared with n on the way.
namespace pinfold::kernels::ifma {

/// Two limbs of eight numbers. Only the lowest 52 bits of `low` count: as factors they are all that
/// the multiply-add reads.
struct Residues {
    __m512i low;
    __m512i high;
};

struct Moduli {
    __m512i words;  ///< n itself
    Residues n;
    __m512i inverse;  ///< of -n mod 2^52
    Residues fold;    ///< 2^104 mod n, or up to 2 n more
};

inline constexpr std::uint64_t limb_mask = (std::uint64_t{1} << 52) - 1;

PINFOLD_IFMA_INLINE __m512i every(std::uint64_t word) noexcept {
    return _mm512_set1_epi64(static_cast<long long>(word));
}

/// The limbs of eight words.
PINFOLD_IFMA_INLINE Residues split(__m512i words) noexcept {
    return {_mm512_and_si512(words, every(limb_mask)), _mm512_srli_epi64(words, 52)};
}

/// Moves what `low` has beside its 52 bits into `high`.
PINFOLD_IFMA_INLINE Residues carry(const Residues& x) noexcept {
    return {x.low, _mm512_add_epi64(x.high, _mm512_srli_epi64(x.low, 52))};
}

/// Those of `a` where the bits of `mask` are set, else those of `b`.
PINFOLD_IFMA_INLINE Residues select(__m512i mask, const Residues& a, const Residues& b) noexcept {
    constexpr int choose = 0xCA;
    return {_mm512_ternarylogic_epi64(mask, a.low, b.low, choose),
            _mm512_ternarylogic_epi64(mask, a.high, b.high, choose)};
}

/// t0 + 2^52 t1 + 2^104 t2, and round_up in t0: it makes a shift in clear_limb() round up.
struct Product {
    __m512i t0;
    __m512i t1;
    __m512i t2;
};

inline constexpr std::uint64_t round_up = limb_mask;

/// a b + 2^52 more, for a and b below 2^67.
PINFOLD_IFMA_INLINE Product multiply(const Residues& a, const Residues& b, __m512i more) noexcept {
    const __m512i zero = _mm512_setzero_si512();
    Product t;
    t.t0 = _mm512_madd52lo_epu64(every(round_up), a.low, b.low);
    t.t1 = _mm512_madd52hi_epu64(more, a.low, b.low);
    t.t2 = _mm512_madd52lo_epu64(zero, a.high, b.high);
    t.t1 = _mm512_madd52lo_epu64(t.t1, a.low, b.high);
    t.t2 = _mm512_madd52hi_epu64(t.t2, a.low, b.high);
    t.t1 = _mm512_madd52lo_epu64(t.t1, a.high, b.low);
    t.t2 = _mm512_madd52hi_epu64(t.t2, a.high, b.low);
    return t;
}

/// a a + 2^52 more.
PINFOLD_IFMA_INLINE Product square(const Residues& a, __m512i more) noexcept {
    const __m512i zero = _mm512_setzero_si512();
    const __m512i twice_high = _mm512_add_epi64(a.high, a.high);
    Product t;
    t.t0 = _mm512_madd52lo_epu64(every(round_up), a.low, a.low);
    t.t2 = _mm512_madd52lo_epu64(zero, a.high, a.high);
    t.t1 = _mm512_madd52hi_epu64(more, a.low, a.low);
    t.t2 = _mm512_madd52hi_epu64(t.t2, a.low, twice_high);
    t.t1 = _mm512_madd52lo_epu64(t.t1, a.low, twice_high);
    return t;
}

/// The product times 2^places, for at most 7 places.
PINFOLD_IFMA_INLINE Product shift(const Product& t, __m512i places) noexcept {
    const __m512i rest = every(round_up);
    return {_mm512_add_epi64(_mm512_sllv_epi64(_mm512_sub_epi64(t.t0, rest), places), rest),
            _mm512_sllv_epi64(t.t1, places), _mm512_sllv_epi64(t.t2, places)};
}

/// Brings a product below 2^114, a shifted one too, by what is congruent to 2^104.
PINFOLD_IFMA_INLINE void fold(Product& t, const Moduli& mod) noexcept {
    t.t0 = _mm512_madd52lo_epu64(t.t0, t.t2, mod.fold.low);
    t.t1 = _mm512_madd52hi_epu64(t.t1, t.t2, mod.fold.low);
    t.t1 = _mm512_madd52lo_epu64(t.t1, t.t2, mod.fold.high);
}

/// Which multiple of n, below 2^52 n, makes the lowest limb 0. As round_up is -1 mod 2^52, t0 gives
/// an inverse too little: the quotient starts with it.
PINFOLD_IFMA_INLINE __m512i quotient(const Product& t, const Moduli& mod) noexcept {
    return _mm512_madd52lo_epu64(mod.inverse, t.t0, mod.inverse);
}

/// A folded product plus that multiple, over 2^52, plus 2^52 high; to be carried. t0 and the
/// multiple's lowest limb add up to the next multiple of 2^52 from t0 on.
PINFOLD_IFMA_INLINE Residues clear_limb(const Product& t, __m512i quotient, __m512i high,
                                        const Moduli& mod) noexcept {
    __m512i t1 = _mm512_madd52hi_epu64(t.t1, quotient, mod.n.low);
    t1 = _mm512_madd52lo_epu64(t1, quotient, mod.n.high);
    return {_mm512_add_epi64(t1, _mm512_srli_epi64(t.t0, 52)),
            _mm512_madd52hi_epu64(high, quotient, mod.n.high)};
}

/// The residues of a product, plus 2^52 high; below n + 2^62 and what was added.
PINFOLD_IFMA_INLINE Residues reduce(Product t, __m512i high, const Moduli& mod) noexcept {
    fold(t, mod);
    return carry(clear_limb(t, quotient(t, mod), high, mod));
}

/// The numbers that x stands for, from 0 to n + 2^15.
PINFOLD_IFMA_INLINE Residues plain(const Residues& x, const Moduli& mod) noexcept {
    const __m512i low = _mm512_and_si512(x.low, every(limb_mask));
    const __m512i zero = _mm512_setzero_si512();
    const Product t = {_mm512_add_epi64(low, every(round_up)), x.high, zero};
    const Residues rest = carry(clear_limb(t, quotient(t, mod), zero, mod));
    return {_mm512_and_si512(rest.low, every(limb_mask)), rest.high};
}

/// What the moduli of eight odd words above 2^32 need; about 60 instructions.
PINFOLD_AVX512ICE Moduli make_moduli(__m512i words) noexcept;

}  // namespace pinfold::kernels::ifma
