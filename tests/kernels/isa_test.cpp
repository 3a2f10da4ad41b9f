// Every instruction set must give the values of the scalar level, bit for bit. The levels that this
// machine lacks are named by the test that skips them.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <pinfold/kernels/isa.hpp>
#include <pinfold/kernels/sieving_primes.hpp>
#include <random>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "fibonacci/fibonacci_functions.hpp"
#include "primality/primality_functions.hpp"
#include "primality/probable_prime.hpp"
#include "sieve/large/large_prime_functions.hpp"
#include "sieve/presieve.hpp"
#include "sieve/sieve_functions.hpp"
#include "wheel/wheel30.hpp"

namespace pinfold::kernels {
namespace {

class IsaLevel : public testing::TestWithParam<Isa> {
  protected:
    void SetUp() override {
        const auto supported = supported_isas();
        if (std::find(supported.begin(), supported.end(), GetParam()) == supported.end()) {
            GTEST_SKIP() << "this machine cannot run " << isa_name(GetParam());
        }
    }

    std::mt19937_64 random_{42};
};

/// Bytes aligned to a vector, with one more vector behind them.
class AlignedBytes {
  public:
    explicit AlignedBytes(std::size_t size)
        : lines_(size / vector_bytes + 1), bytes_(lines_[0].data(), size) {}

    [[nodiscard]] std::span<std::uint8_t> span() { return bytes_; }

  private:
    struct alignas(vector_bytes) Line : std::array<std::uint8_t, vector_bytes> {};

    std::vector<Line> lines_;
    std::span<std::uint8_t> bytes_;
};

TEST_P(IsaLevel, SumsAndCountsBitsLikeTheScalarOne) {
    for (const std::size_t size : {std::size_t{64}, std::size_t{192}, std::size_t{4096},
                                   std::size_t{70016}, max_segment_bytes}) {
        AlignedBytes memory(size);
        const auto bytes = memory.span();
        for (const int fill : {0x00, 0xFF, -1}) {
            std::generate(bytes.begin(), bytes.end(), [&] {
                return static_cast<std::uint8_t>(fill < 0 ? random_()
                                                          : static_cast<unsigned>(fill));
            });
            const BitSum expected = sieve_functions.scalar.sum_bits(bytes);
            const BitSum got = sieve_functions.at(GetParam()).sum_bits(bytes);
            ASSERT_EQ(got.count, expected.count) << size << ' ' << fill;
            ASSERT_EQ(got.sum, expected.sum) << size << ' ' << fill;
            ASSERT_EQ(sieve_functions.at(GetParam()).count_bits(bytes), expected.count)
                << size << ' ' << fill;
        }
    }
}

TEST_P(IsaLevel, SumsBitsByTheirDefinition) {
    AlignedBytes memory(256);
    for (std::size_t byte = 0; byte < 256; ++byte) {
        for (std::size_t bit = 0; bit < 8; ++bit) {
            std::fill(memory.span().begin(), memory.span().end(), std::uint8_t{0});
            memory.span()[byte] = static_cast<std::uint8_t>(1U << bit);
            const BitSum got = sieve_functions.at(GetParam()).sum_bits(memory.span());
            ASSERT_EQ(got.count, 1U);
            ASSERT_EQ(got.sum, 30 * byte + residues[bit]);
        }
    }
}

/// Whether no presieved prime divides `number`, or it is one.
bool stays_presieved(std::uint64_t number) {
    for (std::uint64_t divisor = 2; divisor <= largest_presieved_prime; ++divisor) {
        if (number % divisor == 0) {
            return number == divisor && divisor > 5;
        }
    }
    return number != 1;
}

TEST_P(IsaLevel, PresievesByTheDefinition) {
    const SieveFunctions& functions = sieve_functions.at(GetParam());
    AlignedBytes memory(3 * 1024 + vector_bytes);
    const auto block = memory.span();
    for (const std::uint64_t first_byte : {0ULL, 1ULL, 5ULL, 12'345'678'901ULL}) {
        std::fill(block.begin(), block.end(), std::uint8_t{0x5A});
        Presieve::instance().fill(first_byte, block, functions);
        for (std::size_t bit = 0; bit < 8 * block.size(); ++bit) {
            const std::uint64_t number = 30 * (first_byte + bit / 8) + residues[bit % 8];
            ASSERT_EQ((block[bit / 8] >> (bit % 8)) & 1U, stays_presieved(number) ? 1U : 0U)
                << number;
        }
    }
}

TEST_P(IsaLevel, JoinsPatternsLikeTheScalarOne) {
    std::vector<std::vector<std::uint8_t>> patterns(patterns_at_once);
    std::array<const std::uint8_t*, patterns_at_once> pointers{};
    for (std::size_t i = 0; i < patterns_at_once; ++i) {
        patterns[i].resize(1024);
        std::generate(patterns[i].begin(), patterns[i].end(),
                      [&] { return static_cast<std::uint8_t>(random_() | random_()); });
        pointers[i] = patterns[i].data() + i;  // not aligned
    }
    for (const std::size_t size : {1U, 63U, 64U, 65U, 500U}) {
        std::vector<std::uint8_t> expected(size + vector_bytes, 0xF7);
        std::vector<std::uint8_t> got = expected;
        sieve_functions.scalar.and_patterns(pointers, expected.data(), size);
        sieve_functions.at(GetParam()).and_patterns(pointers, got.data(), size);
        ASSERT_TRUE(std::equal(got.begin(), got.begin() + static_cast<std::ptrdiff_t>(size),
                               expected.begin()))
            << size;
    }
}

void expect_same(const LargeBatch& got, const LargeBatch& expected) {
    const auto same = [&](const auto& got_values, const auto& expected_values) {
        return std::equal(got_values.begin(), got_values.begin() + std::ptrdiff_t(got.size),
                          expected_values.begin());
    };
    ASSERT_EQ(got.size, expected.size);
    EXPECT_TRUE(same(got.prime_bits, expected.prime_bits));
    EXPECT_TRUE(same(got.bytes, expected.bytes));
    EXPECT_TRUE(same(got.states, expected.states));
}

class LargePrimes : public IsaLevel {
  protected:
    LargePrimes() : primes_(first_large_byte + 5'000'007) {
        find_sieving_primes(0, primes_.size(), primes_);
    }

    /// Both levels set some primes of [first, last) bytes up for the same range, of up to `bytes`.
    LargeRange set_up(std::size_t first, std::size_t last, std::uint64_t bytes) {
        const std::uint64_t begin = random_() >> (random_() % 24);
        const LargeRange range = {begin / 30 * 30, 1 + random_() % bytes};
        const std::size_t at = first + random_() % (last - first);
        const auto part = std::span(std::as_const(primes_))
                              .subspan(at, std::min(large_batch_bytes, primes_.size() - at));
        large_prime_functions.scalar.set_up(part, at, range, *expected_);
        large_prime_functions.at(GetParam()).set_up(part, at, range, *got_);
        return range;
    }

    std::vector<std::byte> primes_;
    std::unique_ptr<LargeBatch> expected_ = std::make_unique<LargeBatch>();
    std::unique_ptr<LargeBatch> got_ = std::make_unique<LargeBatch>();
};

TEST_P(LargePrimes, AreSetUpLikeByTheScalarLevel) {
    for (int i = 0; i < 600; ++i) {
        // The smallest ones have the largest quotients.
        const LargeRange range =
            i % 2 == 0 ? set_up(first_batch_byte, 2 * first_batch_byte, std::uint64_t{1} << 31)
                       : set_up(first_large_byte, primes_.size(), std::uint64_t{1} << 31);
        expect_same(*got_, *expected_);
        ASSERT_FALSE(HasFailure()) << range.first_number << ", bytes " << range.bytes;
    }
}

TEST_P(LargePrimes, HaveTheMultiplesOfTheScalarLevel) {
    using Bits = std::array<std::uint32_t, large_batch_primes + 16>;
    const auto expected = std::make_unique<Bits>();
    const auto got = std::make_unique<Bits>();
    for (int i = 0; i < 100; ++i) {
        const LargeRange range = set_up(first_large_byte, primes_.size(), std::uint64_t{1} << 28);
        const auto bytes = static_cast<std::uint32_t>(range.bytes);
        while (expected_->size != 0) {
            const std::size_t count =
                large_prime_functions.scalar.take_multiples(*expected_, bytes, expected->data());
            ASSERT_EQ(
                large_prime_functions.at(GetParam()).take_multiples(*got_, bytes, got->data()),
                count);
            ASSERT_TRUE(
                std::equal(got->begin(), got->begin() + std::ptrdiff_t(count), expected->begin()));
            expect_same(*got_, *expected_);
            ASSERT_FALSE(HasFailure());
        }
    }
}

/// The numbers and indexes that a level lists, but for those that it may leave out.
std::vector<std::pair<std::uint64_t, std::uint64_t>> must_be_listed(
    const PrimalityFunctions& functions, std::span<const std::uint64_t> numbers) {
    constexpr std::size_t first = 1'000;
    OpenNumbers open;
    functions.list_open(numbers, first, open);
    std::vector<std::pair<std::uint64_t, std::uint64_t>> listed;
    for (std::size_t i = 0; i < open.size; ++i) {
        const bool may_be_left_out =
            std::any_of(small_divisors.begin() + divisors_of_one, small_divisors.end(),
                        [&](const Divisor& d) { return open.numbers[i] % d.prime == 0; });
        if (!may_be_left_out) {
            listed.emplace_back(open.numbers[i], open.indexes[i] - first);
        }
    }
    return listed;
}

TEST_P(IsaLevel, ListsTheNumbersWithoutSmallFactors) {
    for (std::size_t size = 0; size <= open_block; size += 1 + size / 16) {
        std::vector<std::uint64_t> numbers(size);
        std::generate(numbers.begin(), numbers.end(),
                      [&] { return random_() >> (random_() % 36); });
        std::vector<std::pair<std::uint64_t, std::uint64_t>> expected;
        for (std::size_t i = 0; i < size; ++i) {
            const bool has_small_factor =
                numbers[i] % 2 == 0 ||
                std::any_of(small_divisors.begin(), small_divisors.end(),
                            [&](const Divisor& d) { return numbers[i] % d.prime == 0; });
            if (numbers[i] > largest_unlisted && !has_small_factor) {
                expected.emplace_back(numbers[i], i);
            }
        }
        ASSERT_EQ(must_be_listed(primality_functions.at(GetParam()), numbers), expected) << size;
    }
}

TEST_P(IsaLevel, TestsBatchesLikeTheScalarOne) {
    std::vector<std::uint64_t> numbers;
    while (numbers.size() < 20 * primality_batch) {
        const std::uint64_t n = (random_() >> (random_() % 31)) | (std::uint64_t{1} << 33) | 1;
        if (n % 3 != 0 && n % 5 != 0 && n % 7 != 0) {
            numbers.push_back(n);
        }
    }
    for (std::size_t at = 0, size = 1; at + size <= numbers.size(); at += size, ++size) {
        const auto part =
            std::span(std::as_const(numbers)).subspan(at, std::min(size, primality_batch));
        std::vector<std::uint8_t> expected(part.size(), 2);
        std::vector<std::uint8_t> got(part.size(), 2);
        primality_functions.scalar.test_batch(part, expected);
        primality_functions.at(GetParam()).test_batch(part, got);
        ASSERT_EQ(got, expected);
    }
}

TEST_P(IsaLevel, TestsTheLargestNumbersLikeTheScalarOne) {
    // Their products have the most carries.
    std::vector<std::uint64_t> numbers;
    for (std::uint64_t n = ~std::uint64_t{0}; numbers.size() < primality_batch; n -= 2) {
        if (try_small_primes(n) == Verdict::open) {
            numbers.push_back(n);
        }
    }
    std::vector<std::uint8_t> expected(numbers.size(), 2);
    std::vector<std::uint8_t> got(numbers.size(), 2);
    primality_functions.scalar.test_batch(numbers, expected);
    primality_functions.at(GetParam()).test_batch(numbers, got);
    ASSERT_EQ(got, expected);
}

TEST_P(IsaLevel, TakesFibonacciStreamsOnLikeTheScalarOne) {
    for (const std::uint64_t m : {std::uint64_t{1}, std::uint64_t{10}, std::uint64_t{1} << 63,
                                  ~std::uint64_t{0}, ~std::uint64_t{0} - 58}) {
        FibonacciStreams expected;
        for (std::size_t i = 0; i < fibonacci_streams; ++i) {
            expected.now[i] = random_() % m;
            expected.next[i] = random_() % m;
        }
        FibonacciStreams got = expected;
        ASSERT_EQ(fibonacci_functions.at(GetParam()).sum_streams(got, 1'002, m),
                  fibonacci_functions.scalar.sum_streams(expected, 1'002, m));
        ASSERT_EQ(got.now, expected.now);
        ASSERT_EQ(got.next, expected.next);
    }
}

TEST_P(IsaLevel, FillsFibonacciTablesLikeTheScalarOne) {
    constexpr std::size_t steps = 5 * table_line;
    struct alignas(64) Table : std::array<std::uint64_t, table_streams * steps> {};
    const auto expected_table = std::make_unique<Table>();
    const auto table = std::make_unique<Table>();
    for (const std::uint64_t m :
         {std::uint64_t{1}, random_() >> 20, std::uint64_t{1} << 63, (std::uint64_t{1} << 63) + 1,
          random_() | (std::uint64_t{1} << 63), ~std::uint64_t{0}}) {
        TableStreams first;
        for (std::size_t i = 0; i < table_streams; ++i) {
            first.now[i] = random_() % m;
            first.next[i] = random_() % m;
        }
        for (const Stores stores : {Stores::cached, Stores::streaming}) {
            TableStreams expected = first;
            TableStreams got = first;
            fibonacci_functions.scalar.fill_table(expected, expected_table->data(), steps, m,
                                                  stores);
            fibonacci_functions.at(GetParam()).fill_table(got, table->data(), steps, m, stores);
            ASSERT_EQ(*table, *expected_table) << m;
            ASSERT_EQ(got.now, expected.now) << m;
            ASSERT_EQ(got.next, expected.next) << m;
        }
    }
}

const auto every_level = testing::Values(Isa::scalar, Isa::avx2, Isa::avx512, Isa::avx512ice);
const auto name_of_level = [](const auto& level) { return std::string(isa_name(level.param)); };
INSTANTIATE_TEST_SUITE_P(Every, IsaLevel, every_level, name_of_level);
INSTANTIATE_TEST_SUITE_P(Every, LargePrimes, every_level, name_of_level);

TEST(Isa, StartsWithTheScalarLevel) {
    ASSERT_FALSE(supported_isas().empty());
    EXPECT_EQ(supported_isas().front(), Isa::scalar);
}

/// Death tests run in a fresh process, where PINFOLD_ISA has not been read yet.
class IsaChoice : public testing::Test {
  protected:
    void SetUp() override { testing::GTEST_FLAG(death_test_style) = "threadsafe"; }
};

[[noreturn]] void choose_and_leave(const char* name) {
    setenv("PINFOLD_ISA", name, 1);
    try {
        std::fprintf(stderr, "chosen: %s", std::string(isa_name(active_isa())).c_str());
    } catch (const std::invalid_argument& error) {
        std::fprintf(stderr, "refused: %s", error.what());
    }
    std::_Exit(0);
}

TEST_F(IsaChoice, FollowsTheEnvironment) {
    EXPECT_EXIT(choose_and_leave("scalar"), testing::ExitedWithCode(0), "^chosen: scalar$");
}

TEST_F(IsaChoice, RefusesAnUnknownLevelAndNamesTheOthers) {
    EXPECT_EXIT(choose_and_leave("sse9"), testing::ExitedWithCode(0),
                "^refused: PINFOLD_ISA=sse9 .*scalar");
}

TEST_F(IsaChoice, TakesTheHighestLevelWhenNoneIsNamed) {
    const std::string highest(isa_name(supported_isas().back()));
    EXPECT_EXIT(choose_and_leave(""), testing::ExitedWithCode(0), "^chosen: " + highest + "$");
}

}  // namespace
}  // namespace pinfold::kernels
