#include <immintrin.h>

#include "combinatorial/leaves/leaf_words.hpp"
#include "combinatorial/tables/factor_table.hpp"
#include "isa/isa_targets.hpp"
#include "sieve/half_byte_tables.hpp"

namespace pinfold::kernels {
namespace {

/// The sums over the numbers of four words' bits, by half-bytes as in bits_avx2.cpp.
class FourWords {
  public:
    PINFOLD_AVX2_INLINE FourWords() noexcept
        : low_counts_(load_twice(low_halves.counts)),
          high_counts_(load_twice(high_halves.counts)),
          low_sums_(load_twice(low_halves.residue_sums)),
          high_sums_(load_twice(high_halves.residue_sums)),
          bytes_(_mm256_set1_epi64x(static_cast<long long>(0xD2B4'9678'5A3C'1E00))) {}

    PINFOLD_AVX2_INLINE __m256i sums(__m256i bits, __m256i firsts) const noexcept {
        const __m256i half = _mm256_set1_epi8(0x0F);
        const __m256i zero = _mm256_setzero_si256();
        const __m256i low = _mm256_and_si256(bits, half);
        const __m256i high = _mm256_and_si256(_mm256_srli_epi16(bits, 4), half);
        const __m256i counts = _mm256_add_epi8(_mm256_shuffle_epi8(low_counts_, low),
                                               _mm256_shuffle_epi8(high_counts_, high));
        const __m256i residue_sums = _mm256_add_epi8(_mm256_shuffle_epi8(low_sums_, low),
                                                     _mm256_shuffle_epi8(high_sums_, high));
        const __m256i begins =
            _mm256_madd_epi16(_mm256_maddubs_epi16(bytes_, counts), _mm256_set1_epi16(1));
        const __m256i count = _mm256_sad_epu8(counts, zero);
        const __m256i of_high = _mm256_mul_epu32(count, _mm256_srli_epi64(firsts, 32));
        const __m256i sum =
            _mm256_add_epi64(_mm256_sad_epu8(residue_sums, zero),
                             _mm256_add_epi64(_mm256_blend_epi32(begins, zero, 0xAA),
                                              _mm256_srli_epi64(begins, 32)));
        return _mm256_add_epi64(_mm256_add_epi64(sum, _mm256_mul_epu32(count, firsts)),
                                _mm256_slli_epi64(of_high, 32));
    }

  private:
    PINFOLD_AVX2_INLINE static __m256i load_twice(
        const std::array<std::uint8_t, 16>& table) noexcept {
        return _mm256_broadcastsi128_si256(
            _mm_load_si128(reinterpret_cast<const __m128i*>(table.data())));
    }

    __m256i low_counts_;
    __m256i high_counts_;
    __m256i low_sums_;
    __m256i high_sums_;
    __m256i bytes_;  ///< where each of a word's eight bytes begins: 0, 30, ..., 210
};

template <PrimeTerm T>
PINFOLD_AVX2 std::uint64_t sum_of_words(const Sieved& sieved, std::size_t from,
                                        std::size_t to) noexcept {
    return sum_of_words_by<T>(sieve_functions.avx2, sieved, from, to);
}

/// Where each of four words in a row begins.
PINFOLD_AVX2_INLINE __m256i firsts_from(std::uint64_t first) noexcept {
    constexpr auto step = static_cast<long long>(numbers_per_word);
    return _mm256_add_epi64(_mm256_set1_epi64x(static_cast<long long>(first)),
                            _mm256_setr_epi64x(0, step, 2 * step, 3 * step));
}

/// Few words by fours, for the calls would take as long; many by the functions of the sieve.
template <>
PINFOLD_AVX2 std::uint64_t sum_of_words<PrimeTerm::prime>(const Sieved& sieved, std::size_t from,
                                                          std::size_t to) noexcept {
    std::uint64_t sum = 0;
    if (to - from >= 64) {
        constexpr std::size_t words_a_vector = vector_bytes / sizeof(std::uint64_t);
        const std::size_t whole = from + (to - from) / words_a_vector * words_a_vector;
        sum = sum_of_words_by<PrimeTerm::prime>(sieve_functions.avx2, sieved, from, whole);
        from = whole;
    }
    const FourWords four;
    __m256i sums = _mm256_setzero_si256();
    for (; from < to; from += 4) {
        const __m256i lanes = _mm256_cmpgt_epi64(
            _mm256_set1_epi64x(static_cast<long long>(to - from)), _mm256_setr_epi64x(0, 1, 2, 3));
        const __m256i bits =
            _mm256_maskload_epi64(reinterpret_cast<const long long*>(sieved.words + from), lanes);
        sums = _mm256_add_epi64(
            sums, four.sums(bits, firsts_from(sieved.first + numbers_per_word * from)));
    }
    alignas(32) std::array<std::uint64_t, 4> parts;
    _mm256_store_si256(reinterpret_cast<__m256i*>(parts.data()), sums);
    return sum + parts[0] + parts[1] + parts[2] + parts[3];
}

PINFOLD_AVX2 void add_numbers(const LeafWords& leaves, std::uint64_t first,
                              std::uint64_t* sums) noexcept {
    const FourWords four;
    const __m256i begin = _mm256_set1_epi64x(static_cast<long long>(first));
    const __m256i numbers = _mm256_set1_epi64x(numbers_per_word);
    std::size_t i = 0;
    for (; i + 4 <= leaves.count; i += 4) {
        const __m256i bits = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(leaves.bits + i));
        const __m256i words = _mm256_cvtepu32_epi64(
            _mm_loadu_si128(reinterpret_cast<const __m128i*>(leaves.words + i)));
        auto* const out = reinterpret_cast<__m256i*>(sums + i);
        const __m256i firsts = _mm256_add_epi64(begin, _mm256_mul_epu32(words, numbers));
        _mm256_storeu_si256(out,
                            _mm256_add_epi64(_mm256_loadu_si256(out), four.sums(bits, firsts)));
    }
    add_numbers_portably(leaves, i, first, sums);
}

PINFOLD_AVX2 int128 sum_of_products(const auto* coefficients, const std::uint64_t* sums,
                                    std::size_t count) noexcept {
    return sum_of_products_portably(coefficients, sums, count);
}

template <PrimeTerm T>
PINFOLD_AVX2 std::uint64_t add_up(const Sieved& sieved, std::size_t count,
                                  std::uint64_t* before) noexcept {
    return add_up_portably<T>(sieved, count, before);
}

/// The segment's words are whole vectors.
template <>
PINFOLD_AVX2 std::uint64_t add_up<PrimeTerm::prime>(const Sieved& sieved, std::size_t count,
                                                    std::uint64_t* before) noexcept {
    const FourWords four;
    __m256i firsts = firsts_from(sieved.first);
    std::uint64_t sum = 0;
    for (std::size_t word = 0; word < count; word += 4) {
        const __m256i sums = four.sums(
            _mm256_loadu_si256(reinterpret_cast<const __m256i*>(sieved.words + word)), firsts);
        alignas(32) std::array<std::uint64_t, 4> own;
        _mm256_store_si256(reinterpret_cast<__m256i*>(own.data()), sums);
        for (std::size_t lane = 0; lane < own.size(); ++lane) {
            before[word + lane] = sum;
            sum += own[lane];
        }
        firsts = _mm256_add_epi64(firsts, _mm256_set1_epi64x(4 * numbers_per_word));
    }
    return sum;
}

/// For each choice of eight lanes, the numbers of the lanes chosen, in order.
constexpr std::array<std::uint64_t, 256> chosen_lanes = [] {
    std::array<std::uint64_t, 256> lanes{};
    for (std::size_t choice = 0; choice < lanes.size(); ++choice) {
        std::size_t count = 0;
        for (std::uint64_t lane = 0; lane < 8; ++lane) {
            if (((choice >> lane) & 1U) != 0) {
                lanes[choice] |= lane << (8 * count++);
            }
        }
    }
    return lanes;
}();

/// A turn of the wheel at a time: eight entries, 30 numbers. Writes up to eight behind the last.
PINFOLD_AVX2 std::size_t collect_by_turns(const std::uint16_t* entries, std::size_t first,
                                          std::size_t last, std::uint64_t prime,
                                          std::int32_t* out) noexcept {
    const __m128i limit = _mm_set1_epi16(static_cast<short>(largest_entry_of(prime)));
    const std::size_t begin = first / 8 * 8;
    __m256i numbers = _mm256_add_epi32(_mm256_setr_epi32(1, 7, 11, 13, 17, 19, 23, 29),
                                       _mm256_set1_epi32(static_cast<int>(begin / 8 * 30)));
    std::size_t count = 0;
    for (std::size_t i = begin; i < last; i += 8) {
        const __m128i entry = _mm_loadu_si128(reinterpret_cast<const __m128i*>(entries + i));
        const __m128i is_small = _mm_cmpeq_epi16(_mm_subs_epu16(entry, limit), _mm_setzero_si128());
        std::uint32_t kept =
            ~static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_packs_epi16(is_small, is_small))) &
            0xFFU;
        kept &= i < first ? ~0U << (first - i) : ~0U;
        kept &= last - i < 8 ? (1U << (last - i)) - 1 : ~0U;
        // All ones where the entry is odd.
        const __m256i sign =
            _mm256_srai_epi32(_mm256_slli_epi32(_mm256_cvtepu16_epi32(entry), 31), 31);
        const __m256i cofactors = _mm256_sub_epi32(_mm256_xor_si256(numbers, sign), sign);
        const __m256i lanes =
            _mm256_cvtepu8_epi32(_mm_cvtsi64_si128(static_cast<long long>(chosen_lanes[kept])));
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + count),
                            _mm256_permutevar8x32_epi32(cofactors, lanes));
        count += bits_of(kept);
        numbers = _mm256_add_epi32(numbers, _mm256_set1_epi32(30));
    }
    return count;
}

}  // namespace
}  // namespace pinfold::kernels

#define PINFOLD_LEAVES PINFOLD_AVX2
#include "combinatorial/leaves/leaf_loops.inc"

namespace pinfold::kernels {

const LeafTables leaf_tables_avx2 = {all_functions<PrimeTerm::one>(collect_by_turns),
                                     all_functions<PrimeTerm::prime>(collect_by_turns)};

}  // namespace pinfold::kernels
