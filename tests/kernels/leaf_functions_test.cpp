// White-box: the functions over the leaves of the combinatorial method on every level that this
// machine has, beside the scalar ones. The values themselves are tested by combinatorial_test.cpp.
#include <gtest/gtest.h>

#include <algorithm>
#include <pinfold/kernels/isa.hpp>
#include <random>
#include <string>
#include <vector>

#include "combinatorial/leaves/combinatorial_functions.hpp"

namespace pinfold::kernels {
namespace {

/// A segment of random bits, and leaves at random places of it, upwards.
template <PrimeTerm T>
struct Leaves {
    Leaves(std::uint64_t seed, std::size_t count) {
        std::mt19937_64 random(seed);
        std::generate(words.begin(), words.end(), [&] { return random() & random(); });
        for (std::size_t i = 0; i < count; ++i) {
            places.push_back(
                static_cast<std::uint32_t>(random() % (numbers_per_word * words.size())));
            const auto cofactor = static_cast<std::int64_t>(1 + random() % (1U << 30));
            const std::int64_t size = T == PrimeTerm::one ? 1 : cofactor;
            coefficients.push_back(random() % 2 == 0 ? size : -size);
        }
        std::sort(places.begin(), places.end());
    }

    [[nodiscard]] Sieved sieved() const { return {words.data(), 7'000'000'000'080}; }

    std::vector<std::uint64_t> words = std::vector<std::uint64_t>(2048);
    std::vector<std::uint32_t> places;
    std::vector<std::int64_t> coefficients;
};

template <PrimeTerm T>
void expect_the_sums_of_leaves(Isa isa, std::size_t count) {
    const Leaves<T> leaves(count, count);
    const LeafFunctions<T>& tested = leaf_functions<T>(isa);
    const LeafFunctions<T>& scalar = leaf_functions<T>(Isa::scalar);
    Cursor expected_end;
    Cursor end;
    const uint128 expected =
        scalar.sum_sparse(leaves.sieved(), expected_end, leaves.places, leaves.coefficients.data());
    EXPECT_TRUE(tested.sum_sparse(leaves.sieved(), end, leaves.places,
                                  leaves.coefficients.data()) == expected);
    EXPECT_EQ(end.word, expected_end.word);
    EXPECT_EQ(end.sum, expected_end.sum);

    std::vector<std::uint64_t> before(leaves.words.size());
    const std::uint64_t all = tested.add_up(leaves.sieved(), before.size(), before.data());
    tested.advance(leaves.sieved(), end, leaves.words.size());
    EXPECT_EQ(end.sum, all);
    EXPECT_TRUE(tested.sum_dense(leaves.sieved(), before.data(), leaves.places,
                                 leaves.coefficients.data()) == expected);
}

class LeafFunctionsOnALevel : public testing::TestWithParam<Isa> {
  protected:
    void SetUp() override {
        const std::span<const Isa> supported = supported_isas();
        if (std::find(supported.begin(), supported.end(), GetParam()) == supported.end()) {
            GTEST_SKIP() << "this machine has no " << isa_name(GetParam());
        }
    }
};

TEST_P(LeafFunctionsOnALevel, AddTheSameUp) {
    for (const std::size_t count : {1U, 2U, 7U, 255U, 256U, 257U, 3000U}) {
        expect_the_sums_of_leaves<PrimeTerm::one>(GetParam(), count);
        expect_the_sums_of_leaves<PrimeTerm::prime>(GetParam(), count);
    }
}

TEST_P(LeafFunctionsOnALevel, CollectTheSameCofactors) {
    std::mt19937_64 random(20260401);
    std::vector<std::uint16_t> entries(4096);
    std::generate(entries.begin(), entries.end(),
                  [&] { return static_cast<std::uint16_t>(random() >> (48 + random() % 9)); });
    for (int i = 0; i < 300; ++i) {
        const std::size_t last = random() % (entries.size() + 1);
        const std::size_t first = last - std::min<std::size_t>(last, random() % 100);
        const std::uint64_t prime = random() % (i % 2 == 0 ? 300 : 30'000);
        std::vector<std::int32_t> expected(last - first + 16);
        std::vector<std::int32_t> collected(last - first + 16);
        expected.resize(leaf_functions<PrimeTerm::one>(Isa::scalar)
                            .collect(entries.data(), first, last, prime, expected.data()));
        collected.resize(leaf_functions<PrimeTerm::one>(GetParam())
                             .collect(entries.data(), first, last, prime, collected.data()));
        ASSERT_EQ(collected, expected) << first << ' ' << last << ' ' << prime;
    }
}

TEST_P(LeafFunctionsOnALevel, PlaceLeavesAtTheFloorOfTheirQuotients) {
    std::mt19937_64 random(20260402);
    for (int i = 0; i < 1000; ++i) {
        const std::int64_t cofactor = 1 + static_cast<std::int64_t>(random() % (1U << 30));
        const std::uint64_t quotient = random() % (std::uint64_t{1} << 33);
        // Dividends on and just below a multiple are where a rounded quotient goes wrong.
        const auto multiple = quotient * static_cast<std::uint64_t>(cofactor);
        for (const std::uint64_t dividend : {multiple, multiple + 1, multiple - 1}) {
            const std::uint64_t expected = dividend / static_cast<std::uint64_t>(cofactor);
            if (dividend == 0 || dividend >> 63 != 0) {
                continue;
            }
            const std::uint64_t first = expected - expected % 1000;
            for (const std::int64_t sign : {1, -1}) {
                const auto c = static_cast<std::int32_t>(sign * cofactor);
                std::uint32_t place = 0;
                std::int64_t coefficient = 0;
                leaf_functions<PrimeTerm::prime>(GetParam())
                    .place(dividend, first, {&c, 1}, &place, &coefficient);
                ASSERT_EQ(first + place, expected) << dividend << ' ' << c;
                ASSERT_EQ(coefficient, c);
            }
        }
    }
}

TEST_P(LeafFunctionsOnALevel, LookTheSameSumsUp) {
    std::mt19937_64 random(20260403);
    std::vector<SumWord> table(10'000);
    for (SumWord& word : table) {
        word = {random() >> 4, random()};
    }
    for (const std::size_t count : {0U, 1U, 255U, 256U, 700U}) {
        std::vector<std::int32_t> cofactors(count);
        for (std::int32_t& cofactor : cofactors) {
            cofactor = static_cast<std::int32_t>(500'000 + random() % 1'000'000);
            cofactor = random() % 2 == 0 ? cofactor : -cofactor;
        }
        constexpr std::uint64_t dividend = 1'000'000'000'007;
        EXPECT_TRUE(leaf_functions<PrimeTerm::prime>(GetParam())
                        .sum_easy(table.data(), dividend, cofactors) ==
                    leaf_functions<PrimeTerm::prime>(Isa::scalar)
                        .sum_easy(table.data(), dividend, cofactors));
    }
}

INSTANTIATE_TEST_SUITE_P(, LeafFunctionsOnALevel,
                         testing::Values(Isa::scalar, Isa::avx2, Isa::avx512, Isa::avx512ice),
                         [](const auto& isa) { return std::string(isa_name(isa.param)); });

}  // namespace
}  // namespace pinfold::kernels
