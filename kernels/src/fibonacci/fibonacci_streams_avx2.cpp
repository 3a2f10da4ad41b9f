#include "fibonacci/fibonacci_streams.hpp"
#include "fibonacci/fibonacci_words_avx2.hpp"

namespace pinfold::kernels {
namespace {

constexpr std::size_t lanes = 4;

/// As many as fit the registers.
constexpr std::size_t vectors = 4;
constexpr std::size_t streams_at_once = lanes * vectors;

struct Lanes {
    __m256i now;
    __m256i next;
    __m256i sum;
};

/// Three terms on, without moving them from one register to the other.
template <bool sums_fit>
PINFOLD_AVX2_INLINE void take_three(Lanes& four, __m256i m) noexcept {
    const __m256i third = add_mod<sums_fit>(four.now, four.next, m);
    four.now = add_mod<sums_fit>(four.next, third, m);
    four.next = add_mod<sums_fit>(third, four.now, m);
    four.sum = add_mod<sums_fit>(four.sum, third, m);
}

/// Takes the streams from `first` on, as many as go at once, and returns half of their sum.
template <bool sums_fit>
PINFOLD_AVX2 std::uint64_t sum_some(FibonacciStreams& streams, std::size_t first,
                                    std::uint64_t steps, std::uint64_t m) noexcept {
    const __m256i modulus = _mm256_set1_epi64x(static_cast<long long>(m));
    std::array<Lanes, vectors> fours;
    for (std::size_t v = 0; v < vectors; ++v) {
        const std::size_t at = first + lanes * v;
        fours[v] = {load_words(&streams.now[at]), load_words(&streams.next[at]),
                    _mm256_setzero_si256()};
    }
    for (std::uint64_t i = 0; i < steps; i += 3) {
        for (Lanes& four : fours) {
            take_three<sums_fit>(four, modulus);
        }
    }
    std::uint64_t total = 0;
    for (std::size_t v = 0; v < vectors; ++v) {
        const std::size_t at = first + lanes * v;
        store_words(&streams.now[at], fours[v].now);
        store_words(&streams.next[at], fours[v].next);
        alignas(32) std::array<std::uint64_t, lanes> sums;
        store_words(sums.data(), fours[v].sum);
        for (const std::uint64_t sum : sums) {
            total = pinfold::kernels::add_mod(total, sum, m);
        }
    }
    return total;
}

template <bool sums_fit>
PINFOLD_AVX2 std::uint64_t sum_streams(FibonacciStreams& streams, std::uint64_t steps,
                                       std::uint64_t m) noexcept {
    std::uint64_t total = 0;
    for (std::size_t first = 0; first < fibonacci_streams; first += streams_at_once) {
        const std::uint64_t sum = sum_some<sums_fit>(streams, first, steps, m);
        total = pinfold::kernels::add_mod(total, sum, m);
    }
    return pinfold::kernels::add_mod(total, total, m);
}

}  // namespace

PINFOLD_AVX2 std::uint64_t sum_streams_avx2(FibonacciStreams& streams, std::uint64_t steps,
                                            std::uint64_t m) noexcept {
    return do_sums_fit(m) ? sum_streams<true>(streams, steps, m)
                          : sum_streams<false>(streams, steps, m);
}

}  // namespace pinfold::kernels
