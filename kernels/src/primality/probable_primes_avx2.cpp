// Many numbers side by side, a vector holding four; montgomery_avx2.hpp has the arithmetic. Each
// product waits for the last one of its number, so several vectors are in flight. A product in
// vectors leaves the scalar multiplier idle, and a scalar one the vectors: so some numbers go
// beside the vectors in scalar code. What is done once for each number, the scalar tests do.
#include <algorithm>
#include <array>
#include <utility>

#include "primality/candidates.hpp"
#include "primality/montgomery_avx2.hpp"
#include "primality/probable_prime.hpp"
#include "primality/probable_primes_batch.hpp"

namespace pinfold::kernels {
namespace {

using namespace avx2;

constexpr std::size_t lanes = 4;

/// Of the strong test, whose every step is one product, and of the Lucas test with its two.
constexpr std::size_t strong_vectors = 4;
constexpr std::size_t lucas_vectors = 2;

/// How many numbers go beside the vectors.
constexpr std::size_t strong_words = 5;
constexpr std::size_t lucas_words = 6;

constexpr std::size_t strong_lanes = lanes * strong_vectors + strong_words;
constexpr std::size_t lucas_lanes = lanes * lucas_vectors + lucas_words;

using StrongTests = std::array<StrongTest, strong_lanes>;
using LucasTests = std::array<LucasTest, lucas_lanes>;

template <std::size_t vectors>
struct Vectors {
    __m256i each[vectors];
};

/// Of the tests that go in vectors, what word(test) is.
template <std::size_t vectors, typename Tests, typename Word>
PINFOLD_AVX2_INLINE Vectors<vectors> gather(const Tests& tests, Word word) noexcept {
    alignas(32) std::array<std::uint64_t, lanes * vectors> words;
    for (std::size_t i = 0; i < words.size(); ++i) {
        words[i] = word(tests[i]);
    }
    Vectors<vectors> gathered;
    for (std::size_t v = 0; v < vectors; ++v) {
        gathered.each[v] = load(&words[lanes * v]);
    }
    return gathered;
}

/// The words of vectors, one after the other.
template <std::size_t vectors>
struct alignas(32) Words {
    PINFOLD_AVX2_INLINE explicit Words(const Vectors<vectors>& values) noexcept {
        for (std::size_t v = 0; v < vectors; ++v) {
            store(&each[lanes * v], values.each[v]);
        }
    }

    std::array<std::uint64_t, lanes * vectors> each;
};

template <std::size_t vectors>
PINFOLD_AVX2_INLINE std::array<Moduli, vectors> make_all_moduli(
    const std::uint64_t* numbers) noexcept {
    std::array<Moduli, vectors> moduli;
    for (std::size_t v = 0; v < vectors; ++v) {
        moduli[v] =
            make_moduli(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(&numbers[lanes * v])));
    }
    return moduli;
}

/// Those of the tests that go beside the vectors.
template <std::size_t words, typename Test, std::size_t size>
std::array<Test, words> beside_vectors(const std::array<Test, size>& tests) noexcept {
    return [&]<std::size_t... i>(std::index_sequence<i...>) {
        return std::array<Test, words>{tests[size - words + i]...};
    }
    (std::make_index_sequence<words>{});
}

/// make(i) for each lane.
template <typename Test, std::size_t size, typename Make>
std::array<Test, size> tests_of_all(Make make) noexcept {
    return [&]<std::size_t... i>(std::index_sequence<i...>) {
        return std::array<Test, size>{make(i)...};
    }
    (std::make_index_sequence<size>{});
}

/// A bit for each test that passes.
template <typename Test, std::size_t size>
Answers answers_of(const std::array<Test, size>& tests) noexcept {
    Answers passed = 0;
    for (std::size_t i = 0; i < size; ++i) {
        passed |= Answers{tests[i].passes()} << i;
    }
    return passed;
}

/// Squares and shifts all powers.
PINFOLD_AVX2 void take_digits(StrongTests& tests, const std::uint64_t* numbers) noexcept {
    const auto mods = make_all_moduli<strong_vectors>(numbers);
    const auto exponent =
        gather<strong_vectors>(tests, [](const StrongTest& t) { return t.exponent(); });
    auto power = gather<strong_vectors>(tests, [](const StrongTest& t) { return t.power(); });
    auto beside = beside_vectors<strong_words>(tests);
    for (int digit = StrongTest::most_digits - 1; digit >= 0; --digit) {
        for (int i = 0; i < StrongTest::digit_bits; ++i) {
            for (std::size_t v = 0; v < strong_vectors; ++v) {
                power.each[v] = reduce(square(power.each[v]), mods[v]);
            }
            for (StrongTest& test : beside) {
                test.square();
            }
        }
        for (std::size_t v = 0; v < strong_vectors; ++v) {
            const __m256i digits =
                _mm256_srli_epi64(exponent.each[v], StrongTest::digit_bits * digit);
            const __m256i places = _mm256_and_si256(digits, every(63));
            power.each[v] = reduce(shift(power.each[v], places), mods[v]);
        }
        for (StrongTest& test : beside) {
            test.shift(digit);
        }
    }
    const Words<strong_vectors> powers(power);
    for (std::size_t i = 0; i < powers.each.size(); ++i) {
        tests[i].set_power(powers.each[i]);
    }
    std::copy(beside.begin(), beside.end(), tests.end() - strong_words);
}

PINFOLD_AVX2 Answers strong_tests(std::span<const std::uint64_t, strong_lanes> numbers) noexcept {
    auto tests = tests_of_all<StrongTest, strong_lanes>(
        [&](std::size_t i) { return StrongTest(Montgomery(numbers[i]), StrongTest::most_digits); });
    take_digits(tests, numbers.data());
    return answers_of(tests);
}

/// What the steps of LucasTest take.
struct LucasVectors {
    Vectors<lucas_vectors> even;
    Vectors<lucas_vectors> odd;
    Vectors<lucas_vectors> changes;  ///< the next one on top
    Vectors<lucas_vectors> minus_two;
    Vectors<lucas_vectors> minus_p;
    std::array<Moduli, lucas_vectors> mods;
};

/// One step of LucasTest.
PINFOLD_AVX2_INLINE void take_bit(LucasVectors& at, std::size_t v) noexcept {
    __m256i& even = at.even.each[v];
    __m256i& odd = at.odd.each[v];
    __m256i& changes = at.changes.each[v];
    const __m256i root = _mm256_castpd_si256(_mm256_blendv_pd(
        _mm256_castsi256_pd(even), _mm256_castsi256_pd(odd), _mm256_castsi256_pd(changes)));
    changes = plus(changes, changes);
    odd = reduce(plus(multiply(odd, even), at.minus_p.each[v]), at.mods[v]);
    even = reduce(plus(square(root), at.minus_two.each[v]), at.mods[v]);
}

/// Takes all bits of all numbers.
PINFOLD_AVX2 void take_bits(LucasTests& tests, const std::uint64_t* numbers) noexcept {
    constexpr std::size_t vectors = lucas_vectors;
    LucasVectors at = {gather<vectors>(tests, [](const LucasTest& t) { return t.values().even; }),
                       gather<vectors>(tests, [](const LucasTest& t) { return t.values().odd; }),
                       gather<vectors>(tests, [](const LucasTest& t) { return t.changes(); }),
                       gather<vectors>(tests, [](const LucasTest& t) { return t.minus_two(); }),
                       gather<vectors>(tests, [](const LucasTest& t) { return t.minus_p(); }),
                       make_all_moduli<vectors>(numbers)};
    auto beside = beside_vectors<lucas_words>(tests);
    for (int bit = 63; bit >= 0; --bit) {
        for (std::size_t v = 0; v < vectors; ++v) {
            take_bit(at, v);
        }
        for (LucasTest& test : beside) {
            test.step(bit);
        }
    }
    const Words<vectors> even(at.even);
    const Words<vectors> odd(at.odd);
    for (std::size_t i = 0; i < even.each.size(); ++i) {
        tests[i].set_values({even.each[i], odd.each[i]});
    }
    std::copy(beside.begin(), beside.end(), tests.end() - lucas_words);
}

PINFOLD_AVX2 Answers lucas_tests(std::span<const std::uint64_t, lucas_lanes> numbers) noexcept {
    Answers without_parameter = 0;
    auto tests = tests_of_all<LucasTest, lucas_lanes>([&](std::size_t i) {
        const std::uint64_t parameter = lucas_parameter(numbers[i]);
        without_parameter |= Answers{parameter == 0} << i;
        return LucasTest(Montgomery(numbers[i]), parameter);
    });
    take_bits(tests, numbers.data());
    return answers_of(tests) & ~without_parameter;
}

}  // namespace

PINFOLD_AVX2 void test_batch_avx2(std::span<const std::uint64_t> numbers,
                                  std::span<std::uint8_t> passed) noexcept {
    Candidates candidates(numbers);
    candidates.sift<strong_lanes>(strong_tests);
    candidates.sift<lucas_lanes>(lucas_tests);
    candidates.answer(passed);
}

}  // namespace pinfold::kernels
