#include <immintrin.h>

#include "combinatorial/leaves/leaf_words.hpp"
#include "sieve/half_bytes_avx512.hpp"

namespace pinfold::kernels {
namespace {

/// For the last of `count` items, eight at a time: those from `from` on.
PINFOLD_AVX512ICE __mmask8 lanes_from(std::size_t from, std::size_t count) noexcept {
    return static_cast<__mmask8>(count - from >= 8 ? 0xFFU : (1U << (count - from)) - 1);
}

/// The sums over the numbers of eight words' bits: by their bytes, the sums of residues by
/// half-bytes.
[[gnu::always_inline]] PINFOLD_AVX512ICE inline __m512i sums_of_eight(__m512i bits,
                                                                      __m512i firsts) noexcept {
    const __m512i zero = _mm512_setzero_si512();
    // Where each of a word's eight bytes begins: 0, 30, ..., 210.
    const __m512i bytes = _mm512_set1_epi64(static_cast<long long>(0xD2B4'9678'5A3C'1E00));
    const __m512i residue_sums = look_up(bits, load_four_times(low_halves.residue_sums),
                                         load_four_times(high_halves.residue_sums));
    const __m512i halves = _mm512_madd_epi16(_mm512_maddubs_epi16(bytes, _mm512_popcnt_epi8(bits)),
                                             _mm512_set1_epi16(1));
    const __m512i begins =
        _mm512_add_epi64(_mm512_maskz_mov_epi32(0x5555, halves), _mm512_srli_epi64(halves, 32));
    const __m512i count = _mm512_popcnt_epi64(bits);
    const __m512i of_high = _mm512_mul_epu32(count, _mm512_srli_epi64(firsts, 32));
    const __m512i sum = _mm512_add_epi64(_mm512_sad_epu8(residue_sums, zero), begins);
    return _mm512_add_epi64(_mm512_add_epi64(sum, _mm512_mul_epu32(count, firsts)),
                            _mm512_slli_epi64(of_high, 32));
}

/// Where each of eight words in a row begins.
[[gnu::always_inline]] PINFOLD_AVX512ICE inline __m512i firsts_from(std::uint64_t first) noexcept {
    constexpr auto step = static_cast<long long>(numbers_per_word);
    return _mm512_add_epi64(
        _mm512_set1_epi64(static_cast<long long>(first)),
        _mm512_setr_epi64(0, step, 2 * step, 3 * step, 4 * step, 5 * step, 6 * step, 7 * step));
}

/// Few words here, where a call would take as long; many sums by the functions of the sieve.
template <PrimeTerm T>
PINFOLD_AVX512ICE std::uint64_t sum_of_words(const Sieved& sieved, std::size_t from,
                                             std::size_t to) noexcept {
    std::uint64_t sum = 0;
    if (T == PrimeTerm::prime && to - from >= 128) {
        const std::size_t whole = from + (to - from) / 8 * 8;
        sum = sum_of_words_by<T>(sieve_functions.avx512ice, sieved, from, whole);
        from = whole;
    }
    __m512i sums = _mm512_setzero_si512();
    for (; from < to; from += 8) {
        const __m512i bits = _mm512_maskz_loadu_epi64(lanes_from(from, to), sieved.words + from);
        sums = _mm512_add_epi64(
            sums, T == PrimeTerm::one
                      ? _mm512_popcnt_epi64(bits)
                      : sums_of_eight(bits, firsts_from(sieved.first + numbers_per_word * from)));
    }
    return sum + static_cast<std::uint64_t>(_mm512_reduce_add_epi64(sums));
}

PINFOLD_AVX512ICE void add_numbers(const LeafWords& leaves, std::uint64_t first,
                                   std::uint64_t* sums) noexcept {
    const __m512i begin = _mm512_set1_epi64(static_cast<long long>(first));
    const __m512i numbers = _mm512_set1_epi64(numbers_per_word);
    for (std::size_t i = 0; i < leaves.count; i += 8) {
        const __mmask8 lanes = lanes_from(i, leaves.count);
        const __m512i words =
            _mm512_cvtepu32_epi64(_mm256_maskz_loadu_epi32(lanes, leaves.words + i));
        const __m512i firsts = _mm512_add_epi64(begin, _mm512_mul_epu32(words, numbers));
        const __m512i own = sums_of_eight(_mm512_maskz_loadu_epi64(lanes, leaves.bits + i), firsts);
        const __m512i before = _mm512_maskz_loadu_epi64(lanes, sums + i);
        _mm512_mask_storeu_epi64(sums + i, lanes, _mm512_add_epi64(before, own));
    }
}

PINFOLD_AVX512ICE __m512i coefficients_at(const std::int32_t* from, __mmask8 lanes) noexcept {
    return _mm512_cvtepi32_epi64(_mm256_maskz_loadu_epi32(lanes, from));
}
PINFOLD_AVX512ICE __m512i coefficients_at(const std::int64_t* from, __mmask8 lanes) noexcept {
    return _mm512_maskz_loadu_epi64(lanes, from);
}

/// low + 2^52 high; a lane of `high` may itself be above 2^52.
PINFOLD_AVX512ICE int128 joined(__m512i low, __m512i high) noexcept {
    return int128{_mm512_reduce_add_epi64(low)} + (int128{_mm512_reduce_add_epi64(high)} << 52);
}

/// By multiply-adds of 52 bits. They know no signs, so each coefficient has 2^31 added, and the
/// sums are taken off 2^31 times in the end. Of at most 512 products no lane overflows: it gets 64
/// of below 2^52.
PINFOLD_AVX512ICE int128 sum_of_products(const auto* coefficients, const std::uint64_t* sums,
                                         std::size_t count) noexcept {
    const __m512i zero = _mm512_setzero_si512();
    const __m512i above = _mm512_set1_epi64(1LL << 31);
    const __m512i low_bits = _mm512_set1_epi64((1LL << 52) - 1);
    __m512i low = zero;
    __m512i high = zero;
    __m512i sums_low = zero;
    __m512i sums_high = zero;
    for (std::size_t i = 0; i < count; i += 8) {
        const __mmask8 lanes = lanes_from(i, count);
        const __m512i by = _mm512_add_epi64(coefficients_at(coefficients + i, lanes), above);
        const __m512i sum = _mm512_maskz_loadu_epi64(lanes, sums + i);
        const __m512i sum_high = _mm512_srli_epi64(sum, 52);
        low = _mm512_madd52lo_epu64(low, by, sum);
        high = _mm512_madd52hi_epu64(high, by, sum);
        high = _mm512_madd52lo_epu64(high, by, sum_high);
        sums_low = _mm512_add_epi64(sums_low, _mm512_and_si512(sum, low_bits));
        sums_high = _mm512_add_epi64(sums_high, sum_high);
    }
    return joined(low, high) - (joined(sums_low, sums_high) << 31);
}

/// The segment's words are whole vectors. Of eight words the sums up to each are made in three
/// steps, so that the words before them cost one addition.
template <PrimeTerm T>
PINFOLD_AVX512ICE std::uint64_t add_up(const Sieved& sieved, std::size_t count,
                                       std::uint64_t* before) noexcept {
    const __m512i zero = _mm512_setzero_si512();
    const __m512i eight_words = _mm512_set1_epi64(8 * numbers_per_word);
    const __m512i last = _mm512_set1_epi64(7);
    __m512i firsts = firsts_from(sieved.first);
    __m512i earlier = zero;
    for (std::size_t word = 0; word < count; word += 8) {
        const __m512i bits = _mm512_loadu_si512(sieved.words + word);
        const __m512i own =
            T == PrimeTerm::one ? _mm512_popcnt_epi64(bits) : sums_of_eight(bits, firsts);
        __m512i up_to = _mm512_add_epi64(own, _mm512_alignr_epi64(own, zero, 7));
        up_to = _mm512_add_epi64(up_to, _mm512_alignr_epi64(up_to, zero, 6));
        up_to = _mm512_add_epi64(up_to, _mm512_alignr_epi64(up_to, zero, 4));
        _mm512_storeu_si512(before + word, _mm512_add_epi64(earlier, _mm512_sub_epi64(up_to, own)));
        earlier = _mm512_add_epi64(earlier, _mm512_permutexvar_epi64(last, up_to));
        firsts = _mm512_add_epi64(firsts, eight_words);
    }
    return static_cast<std::uint64_t>(_mm_cvtsi128_si64(_mm512_castsi512_si128(earlier)));
}

}  // namespace
}  // namespace pinfold::kernels

#define PINFOLD_LEAVES PINFOLD_AVX512ICE
#include "combinatorial/leaves/leaf_loops.inc"
#include "combinatorial/tables/factor_table.hpp"

namespace pinfold::kernels {
namespace {

/// Sixteen entries are two turns of the wheel: 60 numbers.
constexpr std::size_t entries_at_once = 16;

PINFOLD_LEAVES std::size_t collect_by_compress(const std::uint16_t* entries, std::size_t first,
                                               std::size_t last, std::uint64_t prime,
                                               std::int32_t* out) noexcept {
    const std::size_t begin = first / entries_at_once * entries_at_once;
    const __m256i limit = _mm256_set1_epi16(static_cast<short>(largest_entry_of(prime)));
    const __m256i is_negative = _mm256_set1_epi16(1);
    const __m512i step = _mm512_set1_epi32(60);
    __m512i numbers = _mm512_add_epi32(
        _mm512_setr_epi32(1, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 49, 53, 59),
        _mm512_set1_epi32(static_cast<int>(begin / entries_at_once * 60)));
    std::size_t count = 0;
    for (std::size_t i = begin; i < last; i += entries_at_once) {
        const __m256i entry = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(entries + i));
        std::uint32_t kept = _mm256_cmpgt_epu16_mask(entry, limit);
        kept &= i < first ? ~0U << (first - i) : ~0U;
        kept &= last - i < entries_at_once ? (1U << (last - i)) - 1 : ~0U;
        const __mmask16 negative = _mm256_test_epi16_mask(entry, is_negative);
        const __m512i cofactors =
            _mm512_mask_sub_epi32(numbers, negative, _mm512_setzero_si512(), numbers);
        _mm512_storeu_si512(out + count,
                            _mm512_maskz_compress_epi32(static_cast<__mmask16>(kept), cofactors));
        count += bits_of(kept);
        numbers = _mm512_add_epi32(numbers, step);
    }
    return count;
}

}  // namespace

const LeafTables leaf_tables_avx512ice = {all_functions<PrimeTerm::one>(collect_by_compress),
                                          all_functions<PrimeTerm::prime>(collect_by_compress)};

}  // namespace pinfold::kernels
