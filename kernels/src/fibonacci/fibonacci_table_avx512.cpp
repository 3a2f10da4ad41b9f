// Eight streams go in the lanes of a vector. After eight steps their terms are an 8 by 8 matrix
// with a column for each stream; transposed, it is a cache line for each.
#include "fibonacci/fibonacci_table.hpp"

#include <immintrin.h>

#include "isa/isa_targets.hpp"

// A call would send the matrix through memory.
#define PINFOLD_AVX512_INLINE PINFOLD_AVX512 __attribute__((always_inline)) inline

namespace pinfold::kernels {
namespace {

constexpr std::size_t lanes = 8;
constexpr std::size_t vectors = table_streams / lanes;

struct Matrix {
    __m512i rows[lanes];
};

/// The columns as rows: by pairs of words, by pairs of pairs, then by halves.
PINFOLD_AVX512_INLINE Matrix transposed(const Matrix& a) noexcept {
    Matrix by_pairs;
    for (std::size_t i = 0; i < lanes; i += 2) {
        by_pairs.rows[i] = _mm512_unpacklo_epi64(a.rows[i], a.rows[i + 1]);
        by_pairs.rows[i + 1] = _mm512_unpackhi_epi64(a.rows[i], a.rows[i + 1]);
    }
    constexpr int even_quarters = 0x88;
    constexpr int odd_quarters = 0xDD;
    Matrix by_halves;
    for (std::size_t i = 0; i < 2; ++i) {
        for (const std::size_t half : {0U, 4U}) {
            const __m512i first = by_pairs.rows[half + i];
            const __m512i second = by_pairs.rows[half + i + 2];
            by_halves.rows[half + i] = _mm512_shuffle_i64x2(first, second, even_quarters);
            by_halves.rows[half + i + 2] = _mm512_shuffle_i64x2(first, second, odd_quarters);
        }
    }
    Matrix result;
    for (std::size_t i = 0; i < 4; ++i) {
        const __m512i first = by_halves.rows[i];
        const __m512i second = by_halves.rows[i + 4];
        result.rows[i] = _mm512_shuffle_i64x2(first, second, even_quarters);
        result.rows[i + 4] = _mm512_shuffle_i64x2(first, second, odd_quarters);
    }
    return result;
}

/// a + b mod m: the sum, which may be off by 2^64, is too large when a is at least m - b.
PINFOLD_AVX512_INLINE __m512i add_mod(__m512i a, __m512i b, __m512i m) noexcept {
    const __m512i sum = _mm512_add_epi64(a, b);
    const __mmask8 too_large = _mm512_cmpge_epu64_mask(a, _mm512_sub_epi64(m, b));
    return _mm512_mask_sub_epi64(sum, too_large, sum, m);
}

template <Stores stores>
PINFOLD_AVX512_INLINE void store(std::uint64_t* line, __m512i words) noexcept {
    if constexpr (stores == Stores::streaming) {
        _mm512_stream_si512(reinterpret_cast<__m512i*>(line), words);
    } else {
        _mm512_store_si512(line, words);
    }
}

template <Stores stores>
PINFOLD_AVX512 void fill(TableStreams& streams, std::uint64_t* table, std::size_t steps,
                         std::uint64_t m) noexcept {
    const __m512i modulus = _mm512_set1_epi64(static_cast<long long>(m));
    __m512i now[vectors];
    __m512i next[vectors];
    for (std::size_t v = 0; v < vectors; ++v) {
        now[v] = _mm512_load_si512(&streams.now[lanes * v]);
        next[v] = _mm512_load_si512(&streams.next[lanes * v]);
    }
    for (std::size_t step = 0; step < steps; step += table_line) {
        for (std::size_t v = 0; v < vectors; ++v) {
            Matrix terms;
            for (__m512i& row : terms.rows) {
                row = now[v];
                now[v] = next[v];
                next[v] = add_mod(row, next[v], modulus);
            }
            const Matrix lines = transposed(terms);
            for (std::size_t i = 0; i < lanes; ++i) {
                store<stores>(table + (lanes * v + i) * steps + step, lines.rows[i]);
            }
        }
    }
    for (std::size_t v = 0; v < vectors; ++v) {
        _mm512_store_si512(&streams.now[lanes * v], now[v]);
        _mm512_store_si512(&streams.next[lanes * v], next[v]);
    }
    if constexpr (stores == Stores::streaming) {
        _mm_sfence();  // or what the caller stores next could be seen before the table
    }
}

}  // namespace

PINFOLD_AVX512 void fill_table_avx512(TableStreams& streams, std::uint64_t* table,
                                      std::size_t steps, std::uint64_t m, Stores stores) noexcept {
    if (stores == Stores::streaming) {
        fill<Stores::streaming>(streams, table, steps, m);
    } else {
        fill<Stores::cached>(streams, table, steps, m);
    }
}

}  // namespace pinfold::kernels
