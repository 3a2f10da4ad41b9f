#include <immintrin.h>

#include <bit>

#include "isa/isa_targets.hpp"
#include "primality/small_factors.hpp"

namespace pinfold::kernels {
namespace {

constexpr std::size_t lanes = 8;

/// The primes that a number is first divided by: 3, 5 and 7, which with 2 leave fewer than a
/// quarter.
constexpr std::size_t first_divisors = 3;

PINFOLD_AVX512 inline __m512i every(std::uint64_t word) noexcept {
    return _mm512_set1_epi64(static_cast<long long>(word));
}

/// The lanes of `open` whose numbers none of the divisors divides.
PINFOLD_AVX512 inline __mmask8 without_factor(__m512i numbers, __mmask8 open,
                                              std::span<const Divisor> divisors) noexcept {
    for (const Divisor& divisor : divisors) {
        const __m512i quotient = _mm512_mullo_epi64(numbers, every(divisor.inverse));
        open = _mm512_mask_cmpgt_epu64_mask(open, quotient, every(divisor.largest_quotient));
    }
    return open;
}

/// The lanes of those of `left` numbers that a vector takes.
__mmask8 lanes_of(std::size_t left) noexcept {
    return static_cast<__mmask8>(left < lanes ? (1U << left) - 1 : 0xFFU);
}

/// Lists the lanes in `open` from place `at` on, and returns how many they are.
PINFOLD_AVX512 inline std::size_t put(__m512i numbers, __m512i indexes, __mmask8 open,
                                      std::size_t at, OpenNumbers& list) noexcept {
    _mm512_storeu_si512(&list.numbers[at], _mm512_maskz_compress_epi64(open, numbers));
    _mm512_storeu_si512(&list.indexes[at], _mm512_maskz_compress_epi64(open, indexes));
    return static_cast<std::size_t>(std::popcount(static_cast<unsigned>(open)));
}

}  // namespace

PINFOLD_AVX512 void list_open_avx512(std::span<const std::uint64_t> numbers, std::size_t first,
                                     OpenNumbers& open) noexcept {
    const std::span<const Divisor> divisors = small_divisors;
    const std::size_t before = open.size;
    __m512i indexes = _mm512_add_epi64(every(first), _mm512_set_epi64(7, 6, 5, 4, 3, 2, 1, 0));
    for (std::size_t i = 0; i < numbers.size(); i += lanes) {
        __mmask8 live = lanes_of(numbers.size() - i);
        const __m512i n = _mm512_maskz_loadu_epi64(live, &numbers[i]);
        live = _mm512_mask_test_epi64_mask(live, n, every(1));
        live = _mm512_mask_cmpgt_epu64_mask(live, n, every(largest_unlisted));
        live = without_factor(n, live, divisors.first(first_divisors));
        open.size += put(n, indexes, live, open.size, open);
        indexes = _mm512_add_epi64(indexes, every(lanes));
    }
    // The few that are left are divided by the other primes, and keep their order in place.
    const std::size_t after = open.size;
    open.size = before;
    for (std::size_t i = before; i < after; i += lanes) {
        const __m512i n = _mm512_loadu_si512(&open.numbers[i]);
        const __m512i index = _mm512_loadu_si512(&open.indexes[i]);
        const __mmask8 live =
            without_factor(n, lanes_of(after - i), divisors.subspan(first_divisors));
        open.size += put(n, index, live, open.size, open);
    }
}

}  // namespace pinfold::kernels
