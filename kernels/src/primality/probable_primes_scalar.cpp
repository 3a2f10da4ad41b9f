#include <array>
#include <utility>

#include "primality/candidates.hpp"
#include "primality/probable_prime.hpp"
#include "primality/probable_primes_batch.hpp"

namespace pinfold::kernels {
namespace {

/// Four chains fill the multiplier, and so do two pairs of chains: with more their values leave the
/// registers.
constexpr std::size_t strong_lanes = 4;
constexpr std::size_t lucas_lanes = 4;

/// A bit for each test that passes.
template <typename Test, std::size_t lanes>
Answers answers(const std::array<Test, lanes>& tests) noexcept {
    Answers passed = 0;
    for (std::size_t i = 0; i < lanes; ++i) {
        passed |= Answers{tests[i].passes()} << i;
    }
    return passed;
}

/// Calls test(i) for each lane, for an array of what it returns.
template <std::size_t... i, typename Make>
auto for_lanes(std::index_sequence<i...>, Make make) noexcept {
    return std::array{make(i)...};
}

Answers strong_tests(std::span<const std::uint64_t, strong_lanes> numbers) noexcept {
    auto tests = for_lanes(std::make_index_sequence<strong_lanes>{}, [&](std::size_t i) {
        return StrongTest(Montgomery(numbers[i]), StrongTest::most_digits);
    });
    for (int digit = StrongTest::most_digits - 1; digit >= 0; --digit) {
        for (int i = 0; i < StrongTest::digit_bits; ++i) {
            for (StrongTest& test : tests) {
                test.square();
            }
        }
        for (StrongTest& test : tests) {
            test.shift(digit);
        }
    }
    return answers(tests);
}

Answers lucas_tests(std::span<const std::uint64_t, lucas_lanes> numbers) noexcept {
    Answers without_parameter = 0;
    auto tests = for_lanes(std::make_index_sequence<lucas_lanes>{}, [&](std::size_t i) {
        const std::uint64_t parameter = lucas_parameter(numbers[i]);
        without_parameter |= Answers{parameter == 0} << i;
        return LucasTest(Montgomery(numbers[i]), parameter);
    });
    for (int bit = 63; bit >= 0; --bit) {
        for (LucasTest& test : tests) {
            test.step(bit);
        }
    }
    return answers(tests) & ~without_parameter;
}

}  // namespace

void test_batch_scalar(std::span<const std::uint64_t> numbers,
                       std::span<std::uint8_t> passed) noexcept {
    Candidates candidates(numbers);
    candidates.sift<strong_lanes>(strong_tests);
    candidates.sift<lucas_lanes>(lucas_tests);
    candidates.answer(passed);
}

}  // namespace pinfold::kernels
