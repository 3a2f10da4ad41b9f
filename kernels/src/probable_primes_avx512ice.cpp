// Sixteen numbers side by side by the 52-bit multiply-add of AVX-512 IFMA. A number is two limbs,
// low + 2^52 high. Products are Montgomery's (1985) with R = 2^104: two steps each clear 52 bits by
// adding a multiple of n. Since R exceeds n^2 by far, factors up to 8 n give a product below
// n (1 + 2^-33), so nothing is ever reduced below n on the way; only the end compares, in full.
#include <immintrin.h>

#include <algorithm>
#include <array>
#include <bit>
#include <pinfold/kernels/uint128.hpp>

#include "candidates.hpp"
#include "probable_prime.hpp"
#include "probable_primes_batch.hpp"

#define PINFOLD_IFMA __attribute__((target("avx512f,avx512dq,avx512vl,avx512ifma")))

namespace pinfold::kernels {
namespace {

constexpr std::size_t vectors = 2;
constexpr std::size_t lanes = 8 * vectors;
constexpr std::uint64_t limb_mask = (std::uint64_t{1} << 52) - 1;

using Words = std::array<std::uint64_t, lanes>;

/// Two limbs of eight numbers.
struct Vector {
    __m512i low;
    __m512i high;
};

/// What a number and its residues are made of, beside the constants that the tests add.
struct Modulus {
    Vector n;
    __m512i inverse;  ///< of -n mod 2^52
};

PINFOLD_IFMA inline Vector load(const std::uint64_t* words) noexcept {
    const __m512i all = _mm512_loadu_si512(words);
    return {_mm512_and_si512(all, _mm512_set1_epi64(limb_mask)), _mm512_srli_epi64(all, 52)};
}

/// The same for numbers below 2^67, given as limbs.
PINFOLD_IFMA inline Vector load(const Words& low, const Words& high, std::size_t v) noexcept {
    return {_mm512_loadu_si512(&low[8 * v]), _mm512_loadu_si512(&high[8 * v])};
}

/// Moves what exceeds the low limb into the high one.
PINFOLD_IFMA inline Vector carry(__m512i low, __m512i high) noexcept {
    return {_mm512_and_si512(low, _mm512_set1_epi64(limb_mask)),
            _mm512_add_epi64(high, _mm512_srli_epi64(low, 52))};
}

/// (t0 + 2^52 t1 + 2^104 t2) / R mod n, its limbs not carried yet.
PINFOLD_IFMA inline Vector reduce(__m512i t0, __m512i t1, __m512i t2, const Modulus& mod) noexcept {
    const __m512i zero = _mm512_setzero_si512();
    const __m512i q0 = _mm512_madd52lo_epu64(zero, t0, mod.inverse);
    t0 = _mm512_madd52lo_epu64(t0, q0, mod.n.low);
    t1 = _mm512_madd52hi_epu64(t1, q0, mod.n.low);
    t1 = _mm512_madd52lo_epu64(t1, q0, mod.n.high);
    t2 = _mm512_madd52hi_epu64(t2, q0, mod.n.high);
    t1 = _mm512_add_epi64(t1, _mm512_srli_epi64(t0, 52));
    const __m512i q1 = _mm512_madd52lo_epu64(zero, t1, mod.inverse);
    t1 = _mm512_madd52lo_epu64(t1, q1, mod.n.low);
    t2 = _mm512_madd52hi_epu64(t2, q1, mod.n.low);
    t2 = _mm512_madd52lo_epu64(t2, q1, mod.n.high);
    const __m512i t3 = _mm512_madd52hi_epu64(zero, q1, mod.n.high);
    return {_mm512_add_epi64(t2, _mm512_srli_epi64(t1, 52)), t3};
}

PINFOLD_IFMA inline Vector multiply(const Vector& a, const Vector& b, const Modulus& mod) noexcept {
    const __m512i zero = _mm512_setzero_si512();
    const __m512i t0 = _mm512_madd52lo_epu64(zero, a.low, b.low);
    __m512i t1 = _mm512_madd52hi_epu64(zero, a.low, b.low);
    t1 = _mm512_madd52lo_epu64(t1, a.low, b.high);
    t1 = _mm512_madd52lo_epu64(t1, a.high, b.low);
    __m512i t2 = _mm512_madd52lo_epu64(zero, a.high, b.high);
    t2 = _mm512_madd52hi_epu64(t2, a.low, b.high);
    t2 = _mm512_madd52hi_epu64(t2, a.high, b.low);
    return reduce(t0, t1, t2, mod);
}

PINFOLD_IFMA inline Vector square(const Vector& a, const Modulus& mod) noexcept {
    const __m512i zero = _mm512_setzero_si512();
    const __m512i twice_high = _mm512_add_epi64(a.high, a.high);
    const __m512i t0 = _mm512_madd52lo_epu64(zero, a.low, a.low);
    __m512i t1 = _mm512_madd52hi_epu64(zero, a.low, a.low);
    t1 = _mm512_madd52lo_epu64(t1, a.low, twice_high);
    __m512i t2 = _mm512_madd52lo_epu64(zero, a.high, a.high);
    t2 = _mm512_madd52hi_epu64(t2, a.low, twice_high);
    return reduce(t0, t1, t2, mod);
}

/// A batch of moduli, and what stands for 1 of each: R mod n.
struct Batch {
    std::array<Modulus, vectors> mods;
    Words numbers;
    Words ones;
};

/// R mod n for n above 2^32: 2^64 mod n, times 2^40. The quotient is below 2^40, so in doubles it
/// is right or one off.
std::uint64_t r_mod(std::uint64_t n) noexcept {
    const std::uint64_t two_to_64 = (0 - n) % n;
    const auto quotient = static_cast<std::uint64_t>(static_cast<double>(two_to_64) * 0x1p40 /
                                                     static_cast<double>(n));
    const uint128 rest = (uint128{two_to_64} << 40) + n - uint128{quotient} * n;  // n too large
    const uint128 once = rest >= n ? rest - n : rest;
    return static_cast<std::uint64_t>(once >= n ? once - n : once);
}

PINFOLD_IFMA Batch make_batch(std::span<const std::uint64_t> numbers) noexcept {
    Batch batch;
    Words inverses;
    for (std::size_t i = 0; i < lanes; ++i) {
        const std::uint64_t n = numbers[i < numbers.size() ? i : 0];
        batch.numbers[i] = n;
        batch.ones[i] = r_mod(n);
        inverses[i] = (0 - Montgomery::inverse(n)) & limb_mask;
    }
    for (std::size_t v = 0; v < vectors; ++v) {
        batch.mods[v] = {load(&batch.numbers[8 * v]), _mm512_loadu_si512(&inverses[8 * v])};
    }
    return batch;
}

/// Which numbers have a value that is congruent to `residue`, for values below 4 n.
PINFOLD_IFMA inline Answers congruent(const Vector& value, Vector residue,
                                      const Modulus& mod) noexcept {
    Answers equal = 0;
    for (int multiple = 0; multiple < 4; ++multiple) {
        const __mmask8 low = _mm512_cmpeq_epi64_mask(value.low, residue.low);
        equal |= _mm512_mask_cmpeq_epi64_mask(low, value.high, residue.high);
        residue = carry(_mm512_add_epi64(residue.low, mod.n.low),
                        _mm512_add_epi64(residue.high, mod.n.high));
    }
    return equal;
}

/// Which words are above `bound`.
PINFOLD_IFMA inline Answers above(const std::uint64_t* words, int bound) noexcept {
    return _mm512_cmpgt_epi64_mask(_mm512_loadu_si512(words), _mm512_set1_epi64(bound));
}

/// 2 to the odd part of n - 1 in all lanes; see powers_of_two in probable_primes_scalar.cpp.
PINFOLD_IFMA std::array<Vector, vectors> powers_of_two(const Batch& batch) noexcept {
    std::array<Vector, vectors> power;
    Words odd_parts;
    for (std::size_t i = 0; i < lanes; ++i) {
        odd_parts[i] = (batch.numbers[i] - 1) >> std::countr_zero(batch.numbers[i] - 1);
    }
    for (std::size_t v = 0; v < vectors; ++v) {
        power[v] = load(&batch.ones[8 * v]);
    }
    for (int bit = 62; bit >= 0; --bit) {
        const __m512i mask = _mm512_set1_epi64(std::int64_t{1} << bit);
        for (std::size_t v = 0; v < vectors; ++v) {
            const Vector x = square(power[v], batch.mods[v]);
            const __mmask8 odd =
                _mm512_test_epi64_mask(_mm512_loadu_si512(&odd_parts[8 * v]), mask);
            power[v] = carry(_mm512_mask_add_epi64(x.low, odd, x.low, x.low),
                             _mm512_mask_add_epi64(x.high, odd, x.high, x.high));
        }
    }
    return power;
}

/// The lanes that pass the strong test to base 2.
PINFOLD_IFMA Answers strong_tests(const Batch& batch) noexcept {
    std::array<Vector, vectors> power = powers_of_two(batch);
    Words minus_ones;
    Words twos;  // in n - 1
    for (std::size_t i = 0; i < lanes; ++i) {
        minus_ones[i] = batch.numbers[i] - batch.ones[i];
        twos[i] = static_cast<std::uint64_t>(std::countr_zero(batch.numbers[i] - 1));
    }
    const auto squarings = static_cast<int>(*std::max_element(twos.begin(), twos.end()));
    Answers passed = 0;
    for (std::size_t v = 0; v < vectors; ++v) {
        const Modulus& mod = batch.mods[v];
        const Vector minus_one = load(&minus_ones[8 * v]);
        Answers ends_well = congruent(power[v], load(&batch.ones[8 * v]), mod);
        for (int done = 0; done < squarings; ++done) {
            ends_well |= above(&twos[8 * v], done) & congruent(power[v], minus_one, mod);
            const Vector x = square(power[v], mod);
            power[v] = carry(x.low, x.high);
        }
        passed |= ends_well << (8 * v);
    }
    return passed;
}

/// Constants of the Lucas test: V(0) = 2, V(1) = P, and 2 n - 2 and 2 n - P, which are added where
/// 2 and P are to be subtracted, so that nothing is negative.
struct LucasStart {
    std::array<Vector, vectors> two;
    std::array<Vector, vectors> p;
    std::array<Vector, vectors> minus_two;
    std::array<Vector, vectors> minus_p;
    std::array<Vector, vectors> n_minus_two;
    Answers without_p = 0;  ///< a bit for each number that was found to be composite
};

PINFOLD_IFMA std::array<Vector, vectors> split(const std::array<uint128, lanes>& values) noexcept {
    Words low;
    Words high;
    std::array<Vector, vectors> result;
    for (std::size_t i = 0; i < lanes; ++i) {
        low[i] = static_cast<std::uint64_t>(values[i]) & limb_mask;
        high[i] = static_cast<std::uint64_t>(values[i] >> 52);
    }
    for (std::size_t v = 0; v < vectors; ++v) {
        result[v] = load(low, high, v);
    }
    return result;
}

PINFOLD_IFMA LucasStart make_start(const Batch& batch) noexcept {
    std::array<uint128, lanes> two;
    std::array<uint128, lanes> p{};
    std::array<uint128, lanes> minus_two;
    std::array<uint128, lanes> minus_p;
    std::array<uint128, lanes> n_minus_two;
    Answers without_p = 0;
    for (std::size_t i = 0; i < lanes; ++i) {
        const uint128 n = batch.numbers[i];
        const std::uint64_t parameter = lucas_parameter(batch.numbers[i]);
        const uint128 one = batch.ones[i];
        two[i] = 2 * one >= n ? 2 * one - n : 2 * one;
        for (std::uint64_t k = 0; k < parameter; ++k) {
            p[i] = p[i] + one >= n ? p[i] + one - n : p[i] + one;
        }
        minus_two[i] = 2 * n - two[i];
        minus_p[i] = 2 * n - p[i];
        n_minus_two[i] = n - two[i];
        without_p |= Answers{parameter == 0} << i;
    }
    return {split(two), split(p), split(minus_two), split(minus_p), split(n_minus_two), without_p};
}

/// V at the odd part of n + 1 in all lanes, by V(2k) = V(k)^2 - 2 and V(2k + 1) = V(k) V(k + 1) -
/// P.
PINFOLD_IFMA std::array<Vector, vectors> lucas_values(const Batch& batch,
                                                      const LucasStart& start) noexcept {
    std::array<Vector, vectors> now = start.two;
    std::array<Vector, vectors> after = start.p;
    Words odd_parts;
    for (std::size_t i = 0; i < lanes; ++i) {
        odd_parts[i] = (batch.numbers[i] + 1) >> std::countr_zero(batch.numbers[i] + 1);
    }
    for (int bit = 62; bit >= 0; --bit) {
        const __m512i mask = _mm512_set1_epi64(std::int64_t{1} << bit);
        for (std::size_t v = 0; v < vectors; ++v) {
            const __mmask8 odd =
                _mm512_test_epi64_mask(_mm512_loadu_si512(&odd_parts[8 * v]), mask);
            const Vector product = multiply(now[v], after[v], batch.mods[v]);
            const Vector between = carry(_mm512_add_epi64(product.low, start.minus_p[v].low),
                                         _mm512_add_epi64(product.high, start.minus_p[v].high));
            const Vector root = {_mm512_mask_mov_epi64(now[v].low, odd, after[v].low),
                                 _mm512_mask_mov_epi64(now[v].high, odd, after[v].high)};
            const Vector power = square(root, batch.mods[v]);
            const Vector doubled = carry(_mm512_add_epi64(power.low, start.minus_two[v].low),
                                         _mm512_add_epi64(power.high, start.minus_two[v].high));
            now[v] = {_mm512_mask_mov_epi64(doubled.low, odd, between.low),
                      _mm512_mask_mov_epi64(doubled.high, odd, between.high)};
            after[v] = {_mm512_mask_mov_epi64(between.low, odd, doubled.low),
                        _mm512_mask_mov_epi64(between.high, odd, doubled.high)};
        }
    }
    return now;
}

/// The lanes that pass the Lucas test.
PINFOLD_IFMA Answers lucas_tests(const Batch& batch) noexcept {
    const LucasStart start = make_start(batch);
    std::array<Vector, vectors> value = lucas_values(batch, start);
    const Vector zero = {_mm512_setzero_si512(), _mm512_setzero_si512()};
    Words twos;  // in n + 1
    for (std::size_t i = 0; i < lanes; ++i) {
        twos[i] = static_cast<std::uint64_t>(std::countr_zero(batch.numbers[i] + 1));
    }
    const auto squarings = static_cast<int>(*std::max_element(twos.begin(), twos.end())) - 1;
    Answers passed = 0;
    for (std::size_t v = 0; v < vectors; ++v) {
        const Modulus& mod = batch.mods[v];
        Answers ends_well =
            congruent(value[v], start.two[v], mod) | congruent(value[v], start.n_minus_two[v], mod);
        for (int done = 0; done < squarings; ++done) {
            ends_well |= above(&twos[8 * v], done + 1) & congruent(value[v], zero, mod);
            const Vector x = square(value[v], mod);
            value[v] = carry(_mm512_add_epi64(x.low, start.minus_two[v].low),
                             _mm512_add_epi64(x.high, start.minus_two[v].high));
        }
        passed |= ends_well << (8 * v);
    }
    return passed & ~start.without_p;
}

}  // namespace

void test_batch_avx512ice(std::span<const std::uint64_t> numbers,
                          std::span<std::uint8_t> passed) noexcept {
    Candidates candidates(numbers);
    candidates.sift<lanes>([](auto some) { return strong_tests(make_batch(some)); });
    candidates.sift<lanes>([](auto some) { return lucas_tests(make_batch(some)); });
    candidates.answer(passed);
}

}  // namespace pinfold::kernels
