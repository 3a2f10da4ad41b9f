// Eight primes at a time are set up. The quotient of the range's first number by a prime above 2^14
// is below 2^50, so the error of a quotient of doubles is at most a quarter: it is the floor, or
// one off, and the remainder tells. The first number is a multiple of 30, so where a prime divides
// it, that multiple's cofactor is not coprime to 30 and may be passed over: the remainder 0 is no
// special case. The same holds for the division of a distance by 30: its remainder is never 0.
#include <immintrin.h>

#include <bit>
#include <cstring>

#include "isa/isa_targets.hpp"
#include "sieve/large/large_primes.hpp"
#include "sieve/large/packed_steps.hpp"
#include "wheel/wheel210.hpp"
#include "wheel/wheel30.hpp"

namespace pinfold::kernels {
namespace {

/// Lists the numbers of the set bits, counted from `first_bit`, and returns how many there are.
PINFOLD_AVX512 std::size_t list_bits(std::span<const std::byte> bitmap, std::uint32_t first_bit,
                                     std::uint32_t* out) noexcept {
    std::uint32_t* const begin = out;
    __m512i bits =
        _mm512_add_epi32(_mm512_set1_epi32(static_cast<int>(first_bit)),
                         _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
    const std::size_t even = bitmap.size() / 2 * 2;
    for (std::size_t byte = 0; byte < even; byte += 2) {
        std::uint16_t mask = 0;
        std::memcpy(&mask, &bitmap[byte], sizeof mask);
        // Compressing in a register and storing all of it is faster than storing compressed.
        _mm512_storeu_si512(out, _mm512_maskz_compress_epi32(mask, bits));
        out += std::popcount(mask);
        bits = _mm512_add_epi32(bits, _mm512_set1_epi32(16));
    }
    if (even < bitmap.size()) {
        const auto mask = std::to_integer<std::uint8_t>(bitmap[even]);
        _mm512_storeu_si512(out, _mm512_maskz_compress_epi32(mask, bits));
        out += std::popcount(mask);
    }
    return static_cast<std::size_t>(out - begin);
}

PINFOLD_AVX512 __m512i primes_of(__m512i bits) noexcept {
    const __m512i residue =
        _mm512_permutexvar_epi64(bits, _mm512_setr_epi64(1, 7, 11, 13, 17, 19, 23, 29));
    const __m512i quotient = _mm512_srli_epi64(bits, 3);
    return _mm512_add_epi64(_mm512_mul_epu32(quotient, _mm512_set1_epi64(30)), residue);
}

struct Multiples {
    __m512i cofactor;
    __m512i distance;  ///< from the first number, below 2^64
};

/// The first multiple of each prime behind the first number, and not below its square.
PINFOLD_AVX512 Multiples first_multiples(__m512i prime, __m512i first_number) noexcept {
    const __m512i one = _mm512_set1_epi64(1);
    const __m512d ratio =
        _mm512_div_pd(_mm512_cvtepu64_pd(first_number), _mm512_cvtepu64_pd(prime));
    __m512i quotient = _mm512_cvttpd_epu64(ratio);
    __m512i rest = _mm512_sub_epi64(first_number, _mm512_mullo_epi64(quotient, prime));
    const __mmask8 too_large = _mm512_cmplt_epi64_mask(rest, _mm512_setzero_si512());
    quotient = _mm512_mask_sub_epi64(quotient, too_large, quotient, one);
    rest = _mm512_mask_add_epi64(rest, too_large, rest, prime);
    const __mmask8 too_small = _mm512_cmpge_epi64_mask(rest, prime);
    quotient = _mm512_mask_add_epi64(quotient, too_small, quotient, one);
    rest = _mm512_mask_sub_epi64(rest, too_small, rest, prime);

    const __m512i cofactor = _mm512_add_epi64(quotient, one);
    const __mmask8 below_square = _mm512_cmplt_epu64_mask(cofactor, prime);
    const __m512i to_square = _mm512_sub_epi64(_mm512_mul_epu32(prime, prime), first_number);
    return {_mm512_mask_mov_epi64(cofactor, below_square, prime),
            _mm512_mask_mov_epi64(_mm512_sub_epi64(prime, rest), below_square, to_square)};
}

/// The entries of next_cofactor: the step in the low 16 bits, the number in the high ones.
PINFOLD_AVX512 __m512i look_up_next_cofactor(__m512i cofactor) noexcept {
    const __m512i modulus = _mm512_set1_epi64(210);
    const __m512d ratio = _mm512_mul_pd(_mm512_cvtepu64_pd(cofactor), _mm512_set1_pd(1.0 / 210.0));
    const __m512i quotient = _mm512_cvttpd_epu64(ratio);
    const __m512i residue = _mm512_sub_epi64(cofactor, _mm512_mullo_epi64(quotient, modulus));
    return _mm512_cvtepu32_epi64(_mm512_i64gather_epi32(residue, next_cofactor.data(), 4));
}

PINFOLD_AVX512 void append(std::uint32_t* out, __mmask8 chosen, __m512i values) noexcept {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out),
                        _mm512_cvtepi64_epi32(_mm512_maskz_compress_epi64(chosen, values)));
}

template <int At, int Bits>
PINFOLD_AVX512 __m512i field(__m512i packed) noexcept {
    return _mm512_and_si512(_mm512_srli_epi32(packed, At), _mm512_set1_epi32((1 << Bits) - 1));
}

}  // namespace

PINFOLD_AVX512 void set_up_large_primes_avx512(std::span<const std::byte> bitmap,
                                               std::size_t first_byte, const LargeRange& range,
                                               LargeBatch& batch) noexcept {
    std::array<std::uint32_t, large_batch_primes + 16> listed;
    const std::size_t size =
        list_bits(bitmap, static_cast<std::uint32_t>(8 * first_byte), listed.data());
    const __m512i first_number = _mm512_set1_epi64(static_cast<long long>(range.first_number));
    const __m512i numbers = _mm512_set1_epi64(static_cast<long long>(30 * range.bytes));
    std::size_t found = 0;
    for (std::size_t i = 0; i < size; i += 8) {
        const __m512i bits =
            _mm512_cvtepu32_epi64(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(&listed[i])));
        const __m512i prime = primes_of(bits);
        const Multiples first = first_multiples(prime, first_number);
        const auto real = static_cast<__mmask8>(size - i < 8 ? (1U << (size - i)) - 1 : 0xFFU);
        const __mmask8 near = _mm512_mask_cmplt_epu64_mask(real, first.distance, numbers);
        if (near == 0) {
            continue;
        }
        const __m512i next = look_up_next_cofactor(first.cofactor);
        const __m512i step = _mm512_and_si512(next, _mm512_set1_epi64(0xFFFF));
        const __m512i distance = _mm512_add_epi64(first.distance, _mm512_mul_epu32(step, prime));
        const __m512i byte = _mm512_cvttpd_epu64(
            _mm512_mul_pd(_mm512_cvtepu64_pd(distance), _mm512_set1_pd(1.0 / 30.0)));
        const __mmask8 chosen = _mm512_mask_cmplt_epu64_mask(near, distance, numbers);
        append(&batch.prime_bits[found], chosen, bits);
        append(&batch.bytes[found], chosen, byte);
        const __m512i residue = _mm512_and_si512(bits, _mm512_set1_epi64(7));
        const __m512i state =
            _mm512_add_epi64(_mm512_mul_epu32(residue, _mm512_set1_epi64(large_step_cofactors)),
                             _mm512_srli_epi64(next, 16));
        append(&batch.states[found], chosen, state);
        found += static_cast<std::size_t>(std::popcount(static_cast<std::uint8_t>(chosen)));
    }
    batch.size = found;
}

PINFOLD_AVX512 std::size_t take_large_multiples_avx512(LargeBatch& batch, std::uint32_t range_bytes,
                                                       std::uint32_t* bits) noexcept {
    const std::size_t size = batch.size;
    const __m512i end = _mm512_set1_epi32(static_cast<int>(range_bytes));
    std::size_t stay = 0;
    for (std::size_t i = 0; i < size; i += 16) {
        const auto real = static_cast<__mmask16>(size - i < 16 ? (1U << (size - i)) - 1 : 0xFFFFU);
        const __m512i state = _mm512_maskz_loadu_epi32(real, &batch.states[i]);
        const __m512i prime_bit = _mm512_loadu_si512(&batch.prime_bits[i]);
        const __m512i byte = _mm512_loadu_si512(&batch.bytes[i]);
        const __m512i step = _mm512_i32gather_epi32(state, packed_steps.data(), 4);
        _mm512_storeu_si512(&bits[i],
                            _mm512_add_epi32(_mm512_slli_epi32(byte, 3), field<0, 3>(step)));
        const __m512i way =
            _mm512_mullo_epi32(field<PackedStep::gap_at, 4>(step), _mm512_srli_epi32(prime_bit, 3));
        const __m512i next =
            _mm512_add_epi32(_mm512_add_epi32(byte, way), field<PackedStep::carry_at, 4>(step));
        const __mmask16 stays = _mm512_mask_cmplt_epu32_mask(real, next, end);
        // What is written lies behind what was read, so later vectors are whole.
        _mm512_storeu_si512(&batch.prime_bits[stay], _mm512_maskz_compress_epi32(stays, prime_bit));
        _mm512_storeu_si512(&batch.bytes[stay], _mm512_maskz_compress_epi32(stays, next));
        _mm512_storeu_si512(
            &batch.states[stay],
            _mm512_maskz_compress_epi32(stays, _mm512_srli_epi32(step, PackedStep::next_state_at)));
        stay += static_cast<std::size_t>(std::popcount(static_cast<std::uint16_t>(stays)));
    }
    batch.size = stay;
    return size;
}

}  // namespace pinfold::kernels
