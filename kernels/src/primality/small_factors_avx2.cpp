// AVX2 multiplies words of 32 bits only. So a number is first brought to 32 bits modulo a product
// of several primes, by one step of Montgomery's (1985): it stands for 2^-32 times the number,
// which has the same of these primes as factors. Eight of them fill a vector.
#include <immintrin.h>

#include <bit>

#include "isa/isa_targets.hpp"
#include "primality/small_factors.hpp"

namespace pinfold::kernels {
namespace {

constexpr std::size_t lanes = 8;

/// Primes in a row whose product has 32 bits.
struct Group {
    std::uint32_t product = 1;
    std::uint32_t inverse = 1;  ///< of the product mod 2^32
    std::size_t first = 0;      ///< of small_divisors
    std::size_t size = 0;
};

/// The groups that begin with small_divisors[first], as many as there are.
template <std::size_t most>
constexpr std::array<Group, most> groups_from(std::size_t first) {
    std::array<Group, most> groups{};
    for (Group& group : groups) {
        std::uint64_t product = 1;
        group.first = first;
        while (first < small_divisors.size() &&
               (product * small_divisors[first].prime) >> 32 == 0) {
            product *= small_divisors[first++].prime;
        }
        group.size = first - group.first;
        group.product = static_cast<std::uint32_t>(product);
        group.inverse = static_cast<std::uint32_t>(Montgomery::inverse(product));
    }
    return groups;
}

/// The primes from 3 to 29 leave a sixth of all numbers, which the others divide.
constexpr Group first_group = groups_from<1>(0)[0];
constexpr auto other_groups = groups_from<9>(first_group.size);
static_assert(other_groups.back().size != 0 &&
              other_groups.back().first + other_groups.back().size == small_divisors.size());

/// A Divisor of words of 32 bits.
struct ShortDivisor {
    std::uint32_t inverse;
    std::uint32_t largest_quotient;
};

constexpr auto short_divisors = [] {
    std::array<ShortDivisor, small_divisors.size()> table{};
    for (std::size_t i = 0; i < table.size(); ++i) {
        table[i] = {static_cast<std::uint32_t>(small_divisors[i].inverse),
                    static_cast<std::uint32_t>(small_divisors[i].largest_quotient >> 32)};
    }
    return table;
}();

PINFOLD_AVX2_INLINE __m256i every(std::uint32_t word) noexcept {
    return _mm256_set1_epi32(static_cast<int>(word));
}

/// Eight numbers in a row, or what is known of them.
struct Eight {
    __m256i first;
    __m256i last;
};

PINFOLD_AVX2_INLINE Eight load(const std::uint64_t* words) noexcept {
    const auto* const at = reinterpret_cast<const __m256i*>(words);
    return {_mm256_loadu_si256(at), _mm256_loadu_si256(at + 1)};
}

/// The first `size` of eight words; the others are 0.
PINFOLD_AVX2_INLINE Eight load_some(const std::uint64_t* words, std::size_t size) noexcept {
    const __m256i places = _mm256_setr_epi64x(0, 1, 2, 3);
    const __m256i left = _mm256_set1_epi64x(static_cast<long long>(size));
    const __m256i some = _mm256_cmpgt_epi64(left, places);
    const __m256i more = _mm256_cmpgt_epi64(left, _mm256_add_epi64(places, _mm256_set1_epi64x(4)));
    const auto* const at = reinterpret_cast<const long long*>(words);
    return {_mm256_maskload_epi64(at, some), _mm256_maskload_epi64(at + 4, more)};
}

/// The low halves, in the order 0, 1, 4, 5, 2, 3, 6, 7.
PINFOLD_AVX2_INLINE __m256i low_halves(const Eight& words) noexcept {
    return _mm256_castps_si256(
        _mm256_shuffle_ps(_mm256_castsi256_ps(words.first), _mm256_castsi256_ps(words.last), 0x88));
}

/// The high halves, in the same order.
PINFOLD_AVX2_INLINE __m256i high_halves(const Eight& words) noexcept {
    return _mm256_castps_si256(
        _mm256_shuffle_ps(_mm256_castsi256_ps(words.first), _mm256_castsi256_ps(words.last), 0xDD));
}

/// A bit for each lane that is all ones, in the order of the numbers.
PINFOLD_AVX2_INLINE unsigned in_order(__m256i mask) noexcept {
    const __m256i sorted = _mm256_permute4x64_epi64(mask, 0b11'01'10'00);
    return static_cast<unsigned>(_mm256_movemask_ps(_mm256_castsi256_ps(sorted)));
}

PINFOLD_AVX2_INLINE __m256i at_most(__m256i a, __m256i b) noexcept {
    return _mm256_cmpeq_epi32(_mm256_min_epu32(a, b), a);
}

/// The high half of a multiple of the product that has the same low half.
PINFOLD_AVX2_INLINE __m256i multiple(__m256i numbers, const Group& group) noexcept {
    return _mm256_mul_epu32(_mm256_mul_epu32(numbers, every(group.inverse)), every(group.product));
}

/// The numbers over 2^32 modulo the product, or what exceeds that by a multiple of it.
PINFOLD_AVX2_INLINE __m256i reduce(const Eight& numbers, const Group& group) noexcept {
    const __m256i high = high_halves(numbers);
    const __m256i multiples =
        high_halves({multiple(numbers.first, group), multiple(numbers.last, group)});
    const __m256i is_positive = at_most(multiples, high);
    return _mm256_add_epi32(_mm256_sub_epi32(high, multiples),
                            _mm256_andnot_si256(is_positive, every(group.product)));
}

/// All ones where one of the primes is a factor.
PINFOLD_AVX2_INLINE __m256i has_factor(const Eight& numbers, const Group& group) noexcept {
    const __m256i reduced = reduce(numbers, group);
    __m256i found = _mm256_setzero_si256();
    for (std::size_t i = group.first; i < group.first + group.size; ++i) {
        const ShortDivisor& divisor = short_divisors[i];
        const __m256i quotient = _mm256_mullo_epi32(reduced, every(divisor.inverse));
        found = _mm256_or_si256(found, at_most(quotient, every(divisor.largest_quotient)));
    }
    return found;
}

/// By four bits: the words of 32 bits of those that are set, in a row.
constexpr auto compressions = [] {
    std::array<std::array<std::uint32_t, lanes>, 16> table{};
    for (std::size_t bits = 0; bits < table.size(); ++bits) {
        std::size_t size = 0;
        for (std::uint32_t i = 0; i < 4; ++i) {
            if (((bits >> i) & 1) != 0) {
                table[bits][size++] = 2 * i;
                table[bits][size++] = 2 * i + 1;
            }
        }
    }
    return table;
}();

/// Lists those of four numbers whose bit is set.
PINFOLD_AVX2_INLINE void put(__m256i numbers, __m256i indexes, unsigned bits,
                             OpenNumbers& list) noexcept {
    const __m256i order =
        _mm256_loadu_si256(reinterpret_cast<const __m256i*>(compressions[bits].data()));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(&list.numbers[list.size]),
                        _mm256_permutevar8x32_epi32(numbers, order));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(&list.indexes[list.size]),
                        _mm256_permutevar8x32_epi32(indexes, order));
    list.size += static_cast<std::size_t>(std::popcount(bits));
}

PINFOLD_AVX2_INLINE void put(const Eight& numbers, const Eight& indexes, unsigned bits,
                             OpenNumbers& list) noexcept {
    put(numbers.first, indexes.first, bits & 0xFU, list);
    put(numbers.last, indexes.last, bits >> 4, list);
}

/// Divides the listed numbers from `before` on by the other primes. They keep their order in place.
PINFOLD_AVX2 void divide_listed(std::size_t before, OpenNumbers& open) noexcept {
    const std::size_t after = open.size;
    open.size = before;
    for (std::size_t i = before; i < after; i += lanes) {
        const Eight numbers = load(&open.numbers[i]);
        const Eight indexes = load(&open.indexes[i]);
        __m256i closed = _mm256_setzero_si256();
        for (const Group& group : other_groups) {
            closed = _mm256_or_si256(closed, has_factor(numbers, group));
        }
        const unsigned real = after - i < lanes ? (1U << (after - i)) - 1 : 0xFFU;
        put(numbers, indexes, ~in_order(closed) & real, open);
    }
}

}  // namespace

PINFOLD_AVX2 void list_open_avx2(std::span<const std::uint64_t> numbers, std::size_t first,
                                 OpenNumbers& open) noexcept {
    static_assert(largest_unlisted == std::uint64_t{1} << 32, "an odd number above has high bits");
    const std::size_t before = open.size;
    const __m256i index = _mm256_set1_epi64x(static_cast<long long>(first));
    Eight indexes = {_mm256_add_epi64(index, _mm256_setr_epi64x(0, 1, 2, 3)),
                     _mm256_add_epi64(index, _mm256_setr_epi64x(4, 5, 6, 7))};
    for (std::size_t i = 0; i < numbers.size(); i += lanes) {
        const std::size_t left = numbers.size() - i;
        const Eight eight = left < lanes ? load_some(&numbers[i], left) : load(&numbers[i]);
        const __m256i zero = _mm256_setzero_si256();
        const __m256i is_small = _mm256_cmpeq_epi32(high_halves(eight), zero);
        const __m256i is_even =
            _mm256_cmpeq_epi32(_mm256_and_si256(low_halves(eight), every(1)), zero);
        const __m256i closed =
            _mm256_or_si256(_mm256_or_si256(is_small, is_even), has_factor(eight, first_group));
        put(eight, indexes, ~in_order(closed) & 0xFFU, open);
        indexes.first = _mm256_add_epi64(indexes.first, _mm256_set1_epi64x(lanes));
        indexes.last = _mm256_add_epi64(indexes.last, _mm256_set1_epi64x(lanes));
    }
    divide_listed(before, open);
}

}  // namespace pinfold::kernels
