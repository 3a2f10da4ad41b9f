// Eight primes at a time, as in large_primes_avx512.cpp, with what AVX2 lacks by other means. Words
// of 64 bits are those of even and of odd primes. A number below 2^52 becomes a double, and a
// double one, by the bits of 2^52: what is added to it stands in its low bits. That rounds to the
// nearest, so a quotient of doubles is off by less than one, and the remainder's sign tells whether
// it is too large. Lanes are compressed by a look-up of their mask.
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

constexpr std::size_t lanes = 8;

/// By a byte: the places of its bits that are set.
constexpr auto set_bits = [] {
    std::array<std::array<std::uint8_t, lanes>, 256> table{};
    for (std::size_t byte = 0; byte < table.size(); ++byte) {
        std::size_t size = 0;
        for (std::uint8_t bit = 0; bit < lanes; ++bit) {
            if (((byte >> bit) & 1) != 0) {
                table[byte][size++] = bit;
            }
        }
    }
    return table;
}();

PINFOLD_AVX2_INLINE __m256i places_in(unsigned mask) noexcept {
    return _mm256_cvtepu8_epi32(
        _mm_loadl_epi64(reinterpret_cast<const __m128i*>(set_bits[mask].data())));
}

PINFOLD_AVX2_INLINE __m256i every(std::uint32_t word) noexcept {
    return _mm256_set1_epi32(static_cast<int>(word));
}

PINFOLD_AVX2_INLINE __m256i every_wide(std::uint64_t word) noexcept {
    return _mm256_set1_epi64x(static_cast<long long>(word));
}

PINFOLD_AVX2_INLINE __m256i load(const std::uint32_t* words) noexcept {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(words));
}

PINFOLD_AVX2_INLINE void store(std::uint32_t* words, __m256i values) noexcept {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(words), values);
}

/// The lanes of eight words of 64 bits.
struct Wide {
    __m256i even;
    __m256i odd;
};

PINFOLD_AVX2_INLINE Wide widened(__m256i words) noexcept {
    constexpr int odd_lanes = 0xAA;
    return {_mm256_blend_epi32(words, _mm256_setzero_si256(), odd_lanes),
            _mm256_srli_epi64(words, 32)};
}

/// The low halves.
PINFOLD_AVX2_INLINE __m256i narrowed(const Wide& words) noexcept {
    constexpr int odd_lanes = 0xAA;
    return _mm256_blend_epi32(words.even, _mm256_slli_epi64(words.odd, 32), odd_lanes);
}

constexpr double two_to_52 = 0x1p52;
constexpr std::uint64_t bits_of_two_to_52 = std::bit_cast<std::uint64_t>(two_to_52);

PINFOLD_AVX2_INLINE __m256d every_double(double number) noexcept {
    return _mm256_set1_pd(number);
}

/// Of numbers below 2^52, less `less`.
PINFOLD_AVX2_INLINE __m256d to_double(__m256i numbers, unsigned less = 0) noexcept {
    const __m256i raised = _mm256_or_si256(numbers, every_wide(bits_of_two_to_52));
    return _mm256_sub_pd(_mm256_castsi256_pd(raised), every_double(two_to_52 + less));
}

/// Numbers over the divisor, rounded down and with the bits of 1.5 * 2^52 above; where the division
/// leaves no remainder it may be one too small. They are given less half of the divisor.
PINFOLD_AVX2_INLINE __m256d raised_quotient(__m256d less_half, unsigned divisor) noexcept {
    return _mm256_add_pd(_mm256_mul_pd(less_half, every_double(1.0 / divisor)),
                         every_double(1.5 * two_to_52));
}

/// Lists the numbers of the set bits, counted from `first_bit`, and returns how many there are.
/// Behind them it fills a vector with first_bit.
PINFOLD_AVX2 std::size_t list_bits(std::span<const std::byte> bitmap, std::uint32_t first_bit,
                                   std::uint32_t* out) noexcept {
    std::uint32_t* const begin = out;
    __m256i bits = every(first_bit);
    for (const std::byte byte : bitmap) {
        const auto mask = std::to_integer<std::uint8_t>(byte);
        store(out, _mm256_add_epi32(bits, places_in(mask)));
        out += std::popcount(mask);
        bits = _mm256_add_epi32(bits, every(8));
    }
    store(out, every(first_bit));
    return static_cast<std::size_t>(out - begin);
}

PINFOLD_AVX2_INLINE __m256i primes_of(__m256i bits) noexcept {
    const __m256i residue =
        _mm256_permutevar8x32_epi32(_mm256_setr_epi32(1, 7, 11, 13, 17, 19, 23, 29), bits);
    return _mm256_add_epi32(_mm256_mullo_epi32(_mm256_srli_epi32(bits, 3), every(30)), residue);
}

struct FirstMultiple {
    __m256i cofactor;
    __m256i distance;  ///< from the first number; 2^62 stands for more
};

/// The square of each prime.
PINFOLD_AVX2 FirstMultiple squares(__m256i prime, __m256i first_number) noexcept {
    const __m256i distance = _mm256_sub_epi64(_mm256_mul_epu32(prime, prime), first_number);
    const __m256i halved = _mm256_srli_epi64(distance, 1);
    return {prime, _mm256_castpd_si256(_mm256_blendv_pd(_mm256_castsi256_pd(distance),
                                                        _mm256_castsi256_pd(halved),
                                                        _mm256_castsi256_pd(distance)))};
}

/// The first multiple of each prime behind the first number, and not below its square.
PINFOLD_AVX2_INLINE FirstMultiple first_multiples(__m256i prime, __m256i first_number,
                                                  __m256d first_as_double) noexcept {
    const __m256d raised =
        _mm256_add_pd(_mm256_div_pd(first_as_double, to_double(prime)), every_double(two_to_52));
    const __m256i quotient =
        _mm256_xor_si256(_mm256_castpd_si256(raised), every_wide(bits_of_two_to_52));
    const __m256i high = _mm256_mul_epu32(_mm256_srli_epi64(quotient, 32), prime);
    const __m256i product =
        _mm256_add_epi64(_mm256_mul_epu32(quotient, prime), _mm256_slli_epi64(high, 32));
    const __m256i rest = _mm256_sub_epi64(first_number, product);
    const __m256i too_large = _mm256_cmpgt_epi64(_mm256_setzero_si256(), rest);
    const __m256i cofactor = _mm256_add_epi64(_mm256_add_epi64(quotient, every_wide(1)), too_large);
    const __m256i distance = _mm256_sub_epi64(_mm256_andnot_si256(too_large, prime), rest);
    const __m256i below_square = _mm256_cmpgt_epi64(prime, cofactor);
    if (_mm256_testz_si256(below_square, below_square) != 0) {
        return {cofactor, distance};
    }
    const FirstMultiple square = squares(prime, first_number);
    return {_mm256_blendv_epi8(cofactor, square.cofactor, below_square),
            _mm256_blendv_epi8(distance, square.distance, below_square)};
}

/// Their remainders mod 210, where 210 may stand for 0, in the low halves.
PINFOLD_AVX2_INLINE __m256i mod_210(__m256i numbers) noexcept {
    const __m256d less_half = to_double(numbers, 105);
    const __m256d quotient =
        _mm256_sub_pd(raised_quotient(less_half, 210), every_double(1.5 * two_to_52));
    const __m256d rest = _mm256_sub_pd(less_half, _mm256_mul_pd(quotient, every_double(210)));
    return _mm256_castpd_si256(_mm256_add_pd(rest, every_double(two_to_52 + 105)));
}

/// The numbers over 30 in the low halves, which are no multiples of it.
PINFOLD_AVX2_INLINE __m256i bytes_of(__m256i distances) noexcept {
    return _mm256_castpd_si256(raised_quotient(to_double(distances, 15), 30));
}

/// Writes the lanes of `mask` in a row.
PINFOLD_AVX2_INLINE void append(std::uint32_t* out, __m256i order, __m256i values) noexcept {
    store(out, _mm256_permutevar8x32_epi32(values, order));
}

PINFOLD_AVX2_INLINE unsigned mask_of(__m256i lanes_of_32) noexcept {
    return static_cast<unsigned>(_mm256_movemask_ps(_mm256_castsi256_ps(lanes_of_32)));
}

/// The lanes of those of `left` that a vector takes.
constexpr unsigned real_lanes(std::size_t left) noexcept {
    return left < lanes ? (1U << left) - 1 : 0xFFU;
}

/// What the range brings to each vector.
struct WideRange {
    __m256i first_number;
    __m256d first_as_double;
    __m256i numbers;
};

PINFOLD_AVX2_INLINE WideRange widened(const LargeRange& range) noexcept {
    return {every_wide(range.first_number), every_double(static_cast<double>(range.first_number)),
            every_wide(30 * range.bytes)};
}

/// Adds those of eight primes to the batch that are real and have a multiple in the range.
PINFOLD_AVX2_INLINE void set_up_eight(__m256i bits, unsigned real, const WideRange& range,
                                      LargeBatch& batch) noexcept {
    const Wide prime = widened(primes_of(bits));
    const FirstMultiple even =
        first_multiples(prime.even, range.first_number, range.first_as_double);
    const FirstMultiple odd = first_multiples(prime.odd, range.first_number, range.first_as_double);
    const __m256i near = _mm256_or_si256(_mm256_cmpgt_epi64(range.numbers, even.distance),
                                         _mm256_cmpgt_epi64(range.numbers, odd.distance));
    if (_mm256_testz_si256(near, near) != 0) {
        return;
    }
    const __m256i next = _mm256_i32gather_epi32(
        reinterpret_cast<const int*>(next_cofactor.data()),
        narrowed({mod_210(even.cofactor), mod_210(odd.cofactor)}), sizeof next_cofactor[0]);
    const Wide step = widened(_mm256_and_si256(next, every(0xFFFF)));
    const Wide distance = {_mm256_add_epi64(even.distance, _mm256_mul_epu32(step.even, prime.even)),
                           _mm256_add_epi64(odd.distance, _mm256_mul_epu32(step.odd, prime.odd))};
    const unsigned chosen =
        real & mask_of(narrowed({_mm256_cmpgt_epi64(range.numbers, distance.even),
                                 _mm256_cmpgt_epi64(range.numbers, distance.odd)}));
    const __m256i residue = _mm256_and_si256(bits, every(7));
    const __m256i state = _mm256_add_epi32(_mm256_mullo_epi32(residue, every(large_step_cofactors)),
                                           _mm256_srli_epi32(next, 16));
    const __m256i order = places_in(chosen);
    append(&batch.prime_bits[batch.size], order, bits);
    append(&batch.bytes[batch.size], order,
           narrowed({bytes_of(distance.even), bytes_of(distance.odd)}));
    append(&batch.states[batch.size], order, state);
    batch.size += static_cast<std::size_t>(std::popcount(chosen));
}

template <int At, int Bits>
PINFOLD_AVX2_INLINE __m256i field(__m256i packed) noexcept {
    return _mm256_and_si256(_mm256_srli_epi32(packed, At), every((1U << Bits) - 1));
}

}  // namespace

PINFOLD_AVX2 void set_up_large_primes_avx2(std::span<const std::byte> bitmap,
                                           std::size_t first_byte, const LargeRange& range,
                                           LargeBatch& batch) noexcept {
    std::array<std::uint32_t, large_batch_primes + lanes> listed;
    const std::size_t size =
        list_bits(bitmap, static_cast<std::uint32_t>(8 * first_byte), listed.data());
    const WideRange wide = widened(range);
    batch.size = 0;
    for (std::size_t i = 0; i < size; i += lanes) {
        set_up_eight(load(&listed[i]), real_lanes(size - i), wide, batch);
    }
}

// A byte behind the range is below 2^31, so signed words compare as the others do: a multiple lies
// at most ten times a 30th of a prime, 1.44 * 10^9 bytes, behind the range's 2^28.
PINFOLD_AVX2 std::size_t take_large_multiples_avx2(LargeBatch& batch, std::uint32_t range_bytes,
                                                   std::uint32_t* bits) noexcept {
    const std::size_t size = batch.size;
    const __m256i end = every(range_bytes);
    const auto* const steps = reinterpret_cast<const int*>(packed_steps.data());
    std::size_t stay = 0;
    for (std::size_t i = 0; i < size; i += lanes) {
        const unsigned real = real_lanes(size - i);
        // What lies behind the last prime is no state.
        const __m256i state =
            _mm256_min_epu32(load(&batch.states[i]), every(large_step_states - 1));
        const __m256i prime_bit = load(&batch.prime_bits[i]);
        const __m256i byte = load(&batch.bytes[i]);
        const __m256i step = _mm256_i32gather_epi32(steps, state, sizeof packed_steps[0]);
        store(&bits[i], _mm256_add_epi32(_mm256_slli_epi32(byte, 3), field<0, 3>(step)));
        const __m256i way =
            _mm256_mullo_epi32(field<PackedStep::gap_at, 4>(step), _mm256_srli_epi32(prime_bit, 3));
        const __m256i next =
            _mm256_add_epi32(_mm256_add_epi32(byte, way), field<PackedStep::carry_at, 4>(step));
        const unsigned stays = real & mask_of(_mm256_cmpgt_epi32(end, next));
        // What is written lies behind what was read, so later vectors are whole.
        const __m256i order = places_in(stays);
        append(&batch.prime_bits[stay], order, prime_bit);
        append(&batch.bytes[stay], order, next);
        append(&batch.states[stay], order, _mm256_srli_epi32(step, PackedStep::next_state_at));
        stay += static_cast<std::size_t>(std::popcount(stays));
    }
    batch.size = stay;
    return size;
}

}  // namespace pinfold::kernels
