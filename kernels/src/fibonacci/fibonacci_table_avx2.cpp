// Four streams go in the lanes of a vector. After four steps their terms are a 4 by 4 matrix with a
// column for each stream; transposed, it is half a cache line for each. Two halves are written in a
// row: what goes past the caches leaves for memory by whole lines.
#include "fibonacci/fibonacci_table.hpp"

#include "fibonacci/fibonacci_words_avx2.hpp"

namespace pinfold::kernels {
namespace {

constexpr std::size_t lanes = 4;
constexpr std::size_t vectors = table_streams / lanes;

struct Matrix {
    __m256i rows[lanes];
};

/// The columns as rows: by pairs of words, then by halves.
PINFOLD_AVX2_INLINE Matrix transposed(const Matrix& a) noexcept {
    constexpr int low_halves = 0x20;
    constexpr int high_halves = 0x31;
    const __m256i even_01 = _mm256_unpacklo_epi64(a.rows[0], a.rows[1]);
    const __m256i odd_01 = _mm256_unpackhi_epi64(a.rows[0], a.rows[1]);
    const __m256i even_23 = _mm256_unpacklo_epi64(a.rows[2], a.rows[3]);
    const __m256i odd_23 = _mm256_unpackhi_epi64(a.rows[2], a.rows[3]);
    return {{_mm256_permute2x128_si256(even_01, even_23, low_halves),
             _mm256_permute2x128_si256(odd_01, odd_23, low_halves),
             _mm256_permute2x128_si256(even_01, even_23, high_halves),
             _mm256_permute2x128_si256(odd_01, odd_23, high_halves)}};
}

template <Stores stores>
PINFOLD_AVX2_INLINE void store(std::uint64_t* half_line, __m256i words) noexcept {
    if constexpr (stores == Stores::streaming) {
        _mm256_stream_si256(reinterpret_cast<__m256i*>(half_line), words);
    } else {
        store_words(half_line, words);
    }
}

/// Of four streams F(n) and F(n + 1).
struct Four {
    __m256i now;
    __m256i next;
};

/// The next four terms of four streams, a row for each stream.
template <bool sums_fit>
PINFOLD_AVX2_INLINE Matrix take_four(Four& streams, __m256i m) noexcept {
    Matrix terms;
    for (__m256i& row : terms.rows) {
        row = streams.now;
        streams.now = streams.next;
        streams.next = add_mod<sums_fit>(row, streams.next, m);
    }
    return transposed(terms);
}

template <bool sums_fit, Stores stores>
PINFOLD_AVX2 void fill(TableStreams& streams, std::uint64_t* table, std::size_t steps,
                       std::uint64_t m) noexcept {
    static_assert(table_line == 2 * lanes);
    const __m256i modulus = _mm256_set1_epi64x(static_cast<long long>(m));
    Four fours[vectors];
    for (std::size_t v = 0; v < vectors; ++v) {
        fours[v] = {load_words(&streams.now[lanes * v]), load_words(&streams.next[lanes * v])};
    }
    for (std::size_t step = 0; step < steps; step += table_line) {
        for (std::size_t v = 0; v < vectors; ++v) {
            const Matrix first = take_four<sums_fit>(fours[v], modulus);
            const Matrix last = take_four<sums_fit>(fours[v], modulus);
            for (std::size_t i = 0; i < lanes; ++i) {
                std::uint64_t* const line = table + (lanes * v + i) * steps + step;
                store<stores>(line, first.rows[i]);
                store<stores>(line + lanes, last.rows[i]);
            }
        }
    }
    for (std::size_t v = 0; v < vectors; ++v) {
        store_words(&streams.now[lanes * v], fours[v].now);
        store_words(&streams.next[lanes * v], fours[v].next);
    }
    if constexpr (stores == Stores::streaming) {
        _mm_sfence();  // or what the caller stores next could be seen before the table
    }
}

template <Stores stores>
PINFOLD_AVX2 void fill(TableStreams& streams, std::uint64_t* table, std::size_t steps,
                       std::uint64_t m) noexcept {
    if (do_sums_fit(m)) {
        fill<true, stores>(streams, table, steps, m);
    } else {
        fill<false, stores>(streams, table, steps, m);
    }
}

}  // namespace

PINFOLD_AVX2 void fill_table_avx2(TableStreams& streams, std::uint64_t* table, std::size_t steps,
                                  std::uint64_t m, Stores stores) noexcept {
    if (stores == Stores::streaming) {
        fill<Stores::streaming>(streams, table, steps, m);
    } else {
        fill<Stores::cached>(streams, table, steps, m);
    }
}

}  // namespace pinfold::kernels
