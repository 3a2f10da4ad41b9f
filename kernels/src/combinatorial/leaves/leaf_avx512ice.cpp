#include <immintrin.h>

#define PINFOLD_LEAVES PINFOLD_AVX512ICE
#define PINFOLD_LEVEL avx512ice
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
