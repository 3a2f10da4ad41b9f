#include <immintrin.h>

#include "fibonacci/fibonacci_streams.hpp"
#include "isa/isa_targets.hpp"

namespace pinfold::kernels {
namespace {

constexpr std::size_t vectors = fibonacci_streams / 8;

/// add_mod in eight lanes. When m is at most 2^63 sums fit, and the sum less m, which wraps if it
/// is negative, is the smaller of the two when it is the one to take.
template <bool sums_fit>
PINFOLD_AVX512 inline __m512i add_mod(__m512i a, __m512i b, __m512i m) noexcept {
    const __m512i sum = _mm512_add_epi64(a, b);
    if constexpr (sums_fit) {
        return _mm512_min_epu64(sum, _mm512_sub_epi64(sum, m));
    } else {
        const __mmask8 too_large = _mm512_cmpge_epu64_mask(a, _mm512_sub_epi64(m, b));
        return _mm512_mask_sub_epi64(sum, too_large, sum, m);
    }
}

struct Lanes {
    __m512i now;
    __m512i next;
    __m512i sum;
};

/// Three terms on, without moving them from one register to the other.
template <bool sums_fit>
PINFOLD_AVX512 inline void take_three(Lanes& lanes, __m512i m) noexcept {
    const __m512i third = add_mod<sums_fit>(lanes.now, lanes.next, m);
    lanes.now = add_mod<sums_fit>(lanes.next, third, m);
    lanes.next = add_mod<sums_fit>(third, lanes.now, m);
    lanes.sum = add_mod<sums_fit>(lanes.sum, third, m);
}

template <bool sums_fit>
PINFOLD_AVX512 std::uint64_t sum_streams(FibonacciStreams& streams, std::uint64_t steps,
                                         std::uint64_t m) noexcept {
    const __m512i modulus = _mm512_set1_epi64(static_cast<long long>(m));
    std::array<Lanes, vectors> lanes;
    for (std::size_t v = 0; v < vectors; ++v) {
        lanes[v] = {_mm512_load_si512(&streams.now[8 * v]), _mm512_load_si512(&streams.next[8 * v]),
                    _mm512_setzero_si512()};
    }
    for (std::uint64_t i = 0; i < steps; i += 3) {
        for (Lanes& eight : lanes) {
            take_three<sums_fit>(eight, modulus);
        }
    }
    std::uint64_t total = 0;
    for (std::size_t v = 0; v < vectors; ++v) {
        _mm512_store_si512(&streams.now[8 * v], lanes[v].now);
        _mm512_store_si512(&streams.next[8 * v], lanes[v].next);
        alignas(64) std::array<std::uint64_t, 8> sums;
        _mm512_store_si512(sums.data(), lanes[v].sum);
        for (const std::uint64_t sum : sums) {
            total = pinfold::kernels::add_mod(total, sum, m);
        }
    }
    return pinfold::kernels::add_mod(total, total, m);
}

}  // namespace

PINFOLD_AVX512 std::uint64_t sum_streams_avx512(FibonacciStreams& streams, std::uint64_t steps,
                                                std::uint64_t m) noexcept {
    return m <= std::uint64_t{1} << 63 ? sum_streams<true>(streams, steps, m)
                                       : sum_streams<false>(streams, steps, m);
}

}  // namespace pinfold::kernels
