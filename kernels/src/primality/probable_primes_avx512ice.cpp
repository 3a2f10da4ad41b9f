// Many numbers side by side, a vector holding eight; ifma_residues.hpp has the arithmetic. Each
// product waits for the last one of its number, so several vectors are in flight.
//
// Exponents are n - 1 and n + 1, not their odd parts: after all but k bits of an exponent have been
// taken, its power at 1 / 2^k of it is at hand, and whoever has k twos in it is looked at then.
#include <algorithm>
#include <array>
#include <bit>
#include <pinfold/kernels/uint128.hpp>

#include "primality/candidates.hpp"
#include "primality/ifma_residues.hpp"
#include "primality/probable_prime.hpp"
#include "primality/probable_primes_batch.hpp"

namespace pinfold::kernels {
namespace {

using namespace ifma;

/// Of the strong test, whose every step is one product, and of the Lucas test with its two.
constexpr std::size_t strong_vectors = 4;
constexpr std::size_t lucas_vectors = 3;

template <std::size_t vectors>
using Batch = std::array<Moduli, vectors>;

template <std::size_t vectors>
PINFOLD_IFMA_INLINE Batch<vectors> make_batch(
    std::span<const std::uint64_t, 8 * vectors> numbers) noexcept {
    Batch<vectors> batch;
    for (std::size_t v = 0; v < vectors; ++v) {
        batch[v] = make_moduli(_mm512_loadu_si512(&numbers[8 * v]));
    }
    return batch;
}

/// Which numbers are those of two limbs.
PINFOLD_IFMA_INLINE __mmask8 equal(const Residues& a, const Residues& b) noexcept {
    return _mm512_mask_cmpeq_epi64_mask(_mm512_cmpeq_epi64_mask(a.low, b.low), a.high, b.high);
}

/// Which plain() numbers are congruent to `number`, which is below 2^15.
PINFOLD_IFMA_INLINE __mmask8 congruent(const Residues& plain, std::uint64_t number,
                                       const Moduli& mod) noexcept {
    const __m512i small = every(number);
    const Residues above = carry({_mm512_add_epi64(mod.n.low, small), mod.n.high});
    const Residues masked = {_mm512_and_si512(above.low, every(limb_mask)), above.high};
    return equal(plain, {small, _mm512_setzero_si512()}) | equal(plain, masked);
}

/// Which plain() numbers are congruent to -`number`, which is below 2^15.
PINFOLD_IFMA_INLINE __mmask8 congruent_to_minus(const Residues& plain, std::uint64_t number,
                                                const Moduli& mod) noexcept {
    return equal(plain, split(_mm512_sub_epi64(mod.words, every(number))));
}

/// Which words are multiples of 2^k.
PINFOLD_IFMA_INLINE __mmask8 multiples(__m512i words, int k) noexcept {
    return _mm512_testn_epi64_mask(words, every((std::uint64_t{1} << k) - 1));
}

inline __mmask8 both(__mmask8 a, __mmask8 b) noexcept {
    return static_cast<__mmask8>(a & b);
}

/// Those of `some` that are not among `others`.
inline __mmask8 without(__mmask8 some, __mmask8 others) noexcept {
    return static_cast<__mmask8>(some & ~others);
}

/// How often 2 divides that word of which it does most often.
template <std::size_t vectors>
PINFOLD_AVX512ICE int most_twos(const __m512i (&words)[vectors]) noexcept {
    __m512i powers = _mm512_setzero_si512();
    for (const __m512i& word : words) {
        const __m512i minus = _mm512_sub_epi64(_mm512_setzero_si512(), word);
        powers = _mm512_or_si512(powers, _mm512_and_si512(word, minus));
    }
    return 63 - std::countl_zero(static_cast<std::uint64_t>(_mm512_reduce_or_epi64(powers)));
}

/// The strong test to base 2, by powers of 1/2, which are 1 and -1 when those of 2 are. So the
/// exponent is -(n - 1), and its first bits are at hand: a plain 2^j stands for 2^(j - 52). The
/// others are taken three at a time: after as many squares the product is shifted by their number.
class StrongTests {
  public:
    static constexpr std::size_t lanes = 8 * strong_vectors;

    PINFOLD_AVX512ICE explicit StrongTests(std::span<const std::uint64_t, lanes> numbers) noexcept
        : mods_(make_batch<strong_vectors>(numbers)) {
        constexpr std::uint64_t none = 52 - (1U << first_bits);
        const __m512i zero = _mm512_setzero_si512();
        for (std::size_t v = 0; v < strong_vectors; ++v) {
            even_[v] = _mm512_sub_epi64(mods_[v].words, every(1));
            exponent_[v] = _mm512_sub_epi64(zero, even_[v]);
            const __m512i first = _mm512_srli_epi64(exponent_[v], 64 - first_bits);
            power_[v] = {_mm512_sllv_epi64(every(1), _mm512_add_epi64(first, every(none))), zero};
        }
    }

    /// A bit for each number that passes.
    PINFOLD_AVX512ICE Answers run() noexcept {
        const int twos = most_twos(even_);
        take(64 - first_bits, twos);
        Answers passed = 0;
        std::array<__mmask8, strong_vectors> seen{};
        for (int left = twos;; --left) {
            for (std::size_t v = 0; v < strong_vectors; ++v) {
                const __mmask8 now = multiples(even_[v], left);
                passed |= Answers{both(now, ends_well(v, without(now, seen[v])))} << (8 * v);
                seen[v] = now;
            }
            if (left == 1) {
                return passed;
            }
            take(left, left - 1);
        }
    }

  private:
    static constexpr int first_bits = 5;
    static constexpr int digit_bits = 3;  ///< a product can be shifted by 7 places, not by 15

    /// Takes bits of the exponent, of which `from` are left, until `to` are.
    PINFOLD_AVX512ICE void take(int from, int to) noexcept {
        const __m512i zero = _mm512_setzero_si512();
        std::array<Residues, strong_vectors> power = power_;
        while (from > to) {
            const int bits = std::min(digit_bits, from - to);
            for (int i = 1; i < bits; ++i) {
                for (std::size_t v = 0; v < strong_vectors; ++v) {
                    power[v] = reduce(square(power[v], zero), zero, mods_[v]);
                }
            }
            from -= bits;
            const __m512i mask = every((std::uint64_t{1} << bits) - 1);
            for (std::size_t v = 0; v < strong_vectors; ++v) {
                const __m512i digit = _mm512_srli_epi64(exponent_[v], static_cast<unsigned>(from));
                const Product last = shift(square(power[v], zero), _mm512_and_si512(digit, mask));
                power[v] = reduce(last, zero, mods_[v]);
            }
        }
        power_ = power;
    }

    /// Which numbers pass because of the power at (n - 1) / 2^k: it is -1, or 1 and its exponent
    /// odd.
    [[nodiscard]] PINFOLD_AVX512ICE __mmask8 ends_well(std::size_t v, __mmask8 odd) const noexcept {
        const Residues value = plain(power_[v], mods_[v]);
        return congruent_to_minus(value, 1, mods_[v]) | (odd & congruent(value, 1, mods_[v]));
    }

    Batch<strong_vectors> mods_;
    __m512i even_[strong_vectors];      ///< n - 1
    __m512i exponent_[strong_vectors];  ///< -(n - 1) without its sign
    std::array<Residues, strong_vectors> power_;
};

/// 2^52 times a small number, reduced if n is small too.
std::uint64_t raised(std::uint64_t small, std::uint64_t n) noexcept {
    const bool is_below = small < 32 && (n >> 57) != 0;
    return is_below ? small << 52 : static_cast<std::uint64_t>((uint128{small} << 52) % n);
}

/// The almost extra strong Lucas test; LucasTest in probable_prime.hpp tells of it.
class LucasTests {
  public:
    static constexpr std::size_t lanes = 8 * lucas_vectors;

    PINFOLD_AVX512ICE explicit LucasTests(std::span<const std::uint64_t, lanes> numbers) noexcept
        : mods_(make_batch<lucas_vectors>(numbers)) {
        std::array<std::uint64_t, lanes> two;
        std::array<std::uint64_t, lanes> p;
        for (std::size_t i = 0; i < lanes; ++i) {
            const std::uint64_t parameter = lucas_parameter(numbers[i]);
            without_parameter_ |= Answers{parameter == 0} << i;
            two[i] = raised(2, numbers[i]);
            p[i] = raised(parameter, numbers[i]);
        }
        for (std::size_t v = 0; v < lucas_vectors; ++v) {
            const Moduli& mod = mods_[v];
            const __m512i raised_two = _mm512_loadu_si512(&two[8 * v]);
            const __m512i raised_p = _mm512_loadu_si512(&p[8 * v]);
            even_[v] = split(raised_two);
            odd_[v] = split(raised_p);
            minus_two_[v] = split(_mm512_sub_epi64(mod.words, raised_two));
            minus_p_[v] = split(_mm512_sub_epi64(mod.words, raised_p));
            exponent_[v] = _mm512_add_epi64(mod.words, every(1));
            changes_[v] = _mm512_xor_si512(exponent_[v], _mm512_srli_epi64(exponent_[v], 1));
        }
    }

    /// A bit for each number that passes.
    PINFOLD_AVX512ICE Answers run() noexcept {
        const int twos = most_twos(exponent_);
        take(64 - twos);
        Answers passed = 0;
        std::array<__mmask8, lucas_vectors> seen{};
        for (int left = twos;; --left) {
            for (std::size_t v = 0; v < lucas_vectors; ++v) {
                const __mmask8 now = multiples(exponent_[v], left);
                passed |= Answers{both(now, ends_well(v, left, without(now, seen[v])))} << (8 * v);
                seen[v] = now;
            }
            if (left == 1) {
                return passed & ~without_parameter_;
            }
            take(1);
        }
    }

  private:
    /// Takes the next bits of n + 1.
    PINFOLD_AVX512ICE void take(int bits) noexcept {
        std::array<Residues, lucas_vectors> even = even_;
        std::array<Residues, lucas_vectors> odd = odd_;
        for (int i = 0; i < bits; ++i) {
            for (std::size_t v = 0; v < lucas_vectors; ++v) {
                const __m512i changes = _mm512_srai_epi64(changes_[v], 63);
                const Residues root = select(changes, odd[v], even[v]);
                changes_[v] = _mm512_slli_epi64(changes_[v], 1);
                odd[v] =
                    reduce(multiply(odd[v], even[v], minus_p_[v].low), minus_p_[v].high, mods_[v]);
                even[v] = reduce(square(root, minus_two_[v].low), minus_two_[v].high, mods_[v]);
            }
        }
        even_ = even;
        odd_ = odd;
    }

    /// Which numbers pass because of V at (n + 1) / 2^k: it is 0 and k above 1, or it is 2 or -2
    /// and its index odd.
    [[nodiscard]] PINFOLD_AVX512ICE __mmask8 ends_well(std::size_t v, int k,
                                                       __mmask8 odd) const noexcept {
        const Residues value = plain(select(_mm512_movm_epi64(odd), odd_[v], even_[v]), mods_[v]);
        const __mmask8 is_zero = k > 1 ? congruent(value, 0, mods_[v]) : __mmask8{0};
        return is_zero |
               (odd & (congruent(value, 2, mods_[v]) | congruent_to_minus(value, 2, mods_[v])));
    }

    Batch<lucas_vectors> mods_;
    std::array<Residues, lucas_vectors> even_;  ///< of V(k) and V(k + 1) the one of even index
    std::array<Residues, lucas_vectors> odd_;
    std::array<Residues, lucas_vectors> minus_two_;
    std::array<Residues, lucas_vectors> minus_p_;
    __m512i exponent_[lucas_vectors];  ///< n + 1
    __m512i changes_[lucas_vectors];   ///< where its bits differ from the next; the first on top
    Answers without_parameter_ = 0;    ///< those were found to be composite
};

}  // namespace

PINFOLD_AVX512ICE void test_batch_avx512ice(std::span<const std::uint64_t> numbers,
                                            std::span<std::uint8_t> passed) noexcept {
    Candidates candidates(numbers);
    candidates.sift<StrongTests::lanes>([](auto some) { return StrongTests(some).run(); });
    candidates.sift<LucasTests::lanes>([](auto some) { return LucasTests(some).run(); });
    candidates.answer(passed);
}

}  // namespace pinfold::kernels
