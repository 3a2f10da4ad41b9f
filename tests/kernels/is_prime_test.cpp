#include <flint/ulong_extras.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <limits>
#include <pinfold/kernels/is_prime.hpp>
#include <pinfold/kernels/prime_sum.hpp>
#include <random>
#include <stdexcept>
#include <vector>

namespace pinfold::kernels {
namespace {

/// is_prime, after a check that the batch agrees.
bool judged_prime(std::uint64_t n) {
    std::uint8_t answer = 2;
    are_prime({&n, 1}, {&answer, 1});
    EXPECT_EQ(answer, is_prime(n) ? 1 : 0) << n;
    return is_prime(n);
}

TEST(IsPrime, CountsThePrimesBelowAMillion) {
    std::vector<std::uint64_t> numbers(1'000'000);
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        numbers[i] = i;
    }
    std::vector<std::uint8_t> answers(numbers.size());
    are_prime(numbers, answers);
    std::size_t primes = 0;
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        ASSERT_EQ(is_prime(i), answers[i] == 1) << i;
        primes += answers[i];
    }
    EXPECT_EQ(primes, 78'498U);  // OEIS A006880
}

TEST(IsPrime, KnowsTheEdges) {
    for (const std::uint64_t prime :
         {2ULL, 3ULL, 53ULL, 59ULL, 3469ULL, 4294967291ULL, 4294967311ULL, 2305843009213693951ULL,
          9223372036854775783ULL, 18446744073709551557ULL}) {
        EXPECT_TRUE(judged_prime(prime)) << prime;
    }
    for (const std::uint64_t composite :
         {0ULL, 1ULL, 4ULL, 3481ULL, 4294967295ULL, 4294967297ULL, 9223372036854775807ULL,
          9223372036854775808ULL, 18446744073709551615ULL, 18446744073709551614ULL}) {
        EXPECT_FALSE(judged_prime(composite)) << composite;
    }
}

TEST(IsPrime, IsNotFooledByStrongPseudoprimes) {
    // OEIS A001262 (base 2), then A014233 (to the first 1, 2, ... prime bases at once).
    for (const std::uint64_t composite : {2047ULL,
                                          3277ULL,
                                          4033ULL,
                                          4681ULL,
                                          8321ULL,
                                          15841ULL,
                                          29341ULL,
                                          42799ULL,
                                          49141ULL,
                                          52633ULL,
                                          65281ULL,
                                          74665ULL,
                                          80581ULL,
                                          85489ULL,
                                          88357ULL,
                                          90751ULL,
                                          1373653ULL,
                                          25326001ULL,
                                          3215031751ULL,
                                          2152302898747ULL,
                                          3474749660383ULL,
                                          341550071728321ULL,
                                          3825123056546413051ULL}) {
        EXPECT_FALSE(judged_prime(composite)) << composite;
    }
}

TEST(IsPrime, IsNotFooledByLucasPseudoprimes) {
    // OEIS A217719 (extra strong), the first below 10^6.
    for (const std::uint64_t composite :
         {989ULL, 3239ULL, 5777ULL, 10877ULL, 27971ULL, 29681ULL, 30739ULL, 31631ULL, 39059ULL,
          72389ULL, 73919ULL, 75077ULL, 100127ULL, 113573ULL, 125249ULL, 137549ULL}) {
        EXPECT_FALSE(judged_prime(composite)) << composite;
    }
}

TEST(IsPrime, IsNotFooledByCarmichaelNumbers) {
    for (const std::uint64_t composite :
         {561ULL, 1105ULL, 1729ULL, 2465ULL, 2821ULL, 6601ULL, 8911ULL, 10585ULL, 15841ULL,
          29341ULL, 41041ULL, 825265ULL, 321197185ULL, 5394826801ULL, 232250619601ULL,
          9746347772161ULL, 1436697831295441ULL, 60977817398996785ULL, 7156857700403137441ULL}) {
        EXPECT_FALSE(judged_prime(composite)) << composite;
    }
}

TEST(IsPrime, IsNotFooledByProductsOfTwoRelatedPrimes) {
    std::mt19937_64 random(7);
    for (int i = 0; i < 2'000; ++i) {
        const std::uint64_t p = n_nextprime((random() >> 32) % 3'000'000'000U, 1);
        EXPECT_FALSE(judged_prime(p * p)) << p;
        const std::uint64_t factor = p >> 1;  // so that factor (2 factor - 1) fits
        const std::uint64_t q = n_nextprime(factor, 1);
        EXPECT_FALSE(judged_prime(q * (2 * q - 1))) << q;
    }
}

TEST(IsPrime, AgreesWithTheSieveInARow) {
    for (const std::uint64_t begin : {1'000'000'000'000'000ULL, 100'000'000'000'000'000ULL}) {
        std::uint64_t primes = 0;
        for (std::uint64_t n = begin; n < begin + 20'000; ++n) {
            primes += judged_prime(n) ? 1U : 0U;
        }
        EXPECT_EQ(primes, prime_count(begin, begin + 20'000));
    }
}

TEST(IsPrime, AgreesWithFlintUpToTheLargestNumber) {
    for (std::uint64_t n = 0 - std::uint64_t{20'000}; n != 0; ++n) {
        ASSERT_EQ(judged_prime(n), n_is_prime(n) != 0) << n;
    }
}

RC_GTEST_PROP(IsPrime, AgreesWithFlint, ()) {
    const int bits = *rc::gen::inRange(1, 65);
    std::mt19937_64 random(*rc::gen::arbitrary<std::uint64_t>());
    for (int i = 0; i < 500; ++i) {
        const std::uint64_t n = random() >> (64 - bits);
        RC_ASSERT(judged_prime(n) == (n_is_prime(n) != 0));
    }
}

TEST(ArePrime, AnswersBatchesOfEveryLengthInOrder) {
    std::mt19937_64 random(11);
    for (std::size_t size = 0; size < 150; ++size) {
        std::vector<std::uint64_t> numbers(size);
        for (std::uint64_t& n : numbers) {
            n = (random() >> (random() % 64)) | 1;
        }
        std::vector<std::uint8_t> answers(size, 2);
        are_prime(numbers, answers);
        for (std::size_t i = 0; i < size; ++i) {
            ASSERT_EQ(answers[i], n_is_prime(numbers[i])) << numbers[i];
        }
    }
}

TEST(ArePrime, AnswersSeveralBatchesOfPrimesAndProducts) {
    // Hardly any has a small factor, so they fill the batches of both tests. The products are those
    // of equal, close and related primes.
    std::mt19937_64 random(13);
    std::vector<std::uint64_t> numbers;
    while (numbers.size() < 12'000) {
        const std::uint64_t n = (random() >> (random() % 28)) - 1'000;
        const std::uint64_t p = n_nextprime((random() >> 33) | 0x1'0000, 1);
        numbers.insert(numbers.end(), {n_nextprime(n, 1), p * p, p * n_nextprime(p, 1),
                                       p * n_nextprime(2 * p - 2, 1)});
    }
    std::vector<std::uint8_t> answers(numbers.size(), 2);
    are_prime(numbers, answers);
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        ASSERT_EQ(answers[i], n_is_prime(numbers[i])) << numbers[i];
    }
}

TEST(ArePrime, RefusesSpansOfDifferentLength) {
    const std::array<std::uint64_t, 3> numbers = {1, 2, 3};
    std::array<std::uint8_t, 2> answers{};
    EXPECT_THROW(are_prime(numbers, answers), std::invalid_argument);
}

}  // namespace
}  // namespace pinfold::kernels
