#include "primality/ifma_residues.hpp"

namespace pinfold::kernels::ifma {
namespace {

/// x less quotient times n, for results from 0 to 2^66; the limbs of x may be any words.
PINFOLD_AVX512ICE Residues subtract_multiple(const Residues& x, __m512i quotient,
                                             const Residues& n) noexcept {
    const __m512i zero = _mm512_setzero_si512();
    const __m512i low = _mm512_madd52lo_epu64(zero, quotient, n.low);
    __m512i high = _mm512_madd52hi_epu64(zero, quotient, n.low);
    high = _mm512_madd52lo_epu64(high, quotient, n.high);
    const __m512i rest = _mm512_sub_epi64(x.low, low);  // may be negative
    return {_mm512_and_si512(rest, every(limb_mask)),
            _mm512_add_epi64(_mm512_sub_epi64(x.high, high), _mm512_srai_epi64(rest, 52))};
}

/// The quotient of numbers by the n of these reciprocals, or one or two less, if it is below 2^47:
/// in doubles it is right or one off.
PINFOLD_AVX512ICE __m512i quotient_at_most(__m512d numbers, __m512d reciprocals) noexcept {
    return _mm512_sub_epi64(_mm512_cvttpd_epu64(_mm512_mul_pd(numbers, reciprocals)), every(1));
}

/// 2^104 mod n, or up to 2 n more: 2^78 mod n, times 2^26.
PINFOLD_AVX512ICE Residues fold_of(__m512i words, const Residues& n) noexcept {
    const __m512i zero = _mm512_setzero_si512();
    const __m512i factor = every(1U << 26);
    const __m512d reciprocals = _mm512_div_pd(_mm512_set1_pd(1), _mm512_cvtepu64_pd(words));
    const Residues rest =
        subtract_multiple({zero, factor}, quotient_at_most(_mm512_set1_pd(0x1p78), reciprocals), n);
    const __m512d number =
        _mm512_fmadd_pd(_mm512_cvtepu64_pd(rest.high), _mm512_set1_pd(0x1p78),
                        _mm512_mul_pd(_mm512_cvtepu64_pd(rest.low), _mm512_set1_pd(0x1p26)));
    const Residues product = {
        _mm512_madd52lo_epu64(zero, rest.low, factor),
        _mm512_madd52hi_epu64(_mm512_slli_epi64(rest.high, 26), rest.low, factor)};
    return subtract_multiple(product, quotient_at_most(number, reciprocals), n);
}

/// The inverses of -n mod 2^52: Newton's step doubles the right bits, from five.
PINFOLD_AVX512ICE __m512i inverse_of_minus(__m512i words) noexcept {
    const __m512i zero = _mm512_setzero_si512();
    const __m512i two = every(2);
    const __m512i thrice = _mm512_add_epi64(words, _mm512_add_epi64(words, words));
    __m512i x = _mm512_xor_si512(thrice, two);
    for (int bits = 5; bits < 52; bits *= 2) {
        const __m512i product = _mm512_madd52lo_epu64(zero, words, x);
        x = _mm512_madd52lo_epu64(zero, x, _mm512_sub_epi64(two, product));
    }
    return _mm512_sub_epi64(zero, x);
}

}  // namespace

PINFOLD_AVX512ICE Moduli make_moduli(__m512i words) noexcept {
    const Residues n = split(words);
    return {words, n, inverse_of_minus(words), fold_of(words, n)};
}

}  // namespace pinfold::kernels::ifma
