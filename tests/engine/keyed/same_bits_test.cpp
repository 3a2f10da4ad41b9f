// The same keys, order and bits of values on every crew, with any number of workers and any deaths.
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cmath>
#include <cstdint>
#include <functional>
#include <map>
#include <pinfold/engine/keyed/keyed.hpp>
#include <pinfold/shm/array.hpp>
#include <pinfold/shm/crossing.hpp>
#include <string>
#include <tuple>

#include "job/left_in.hpp"
#include "keyed/keyed_bytes.hpp"
#include "on_each_crew.hpp"

namespace pinfold {
namespace {

using testing::bytes_of;
using testing::left_in;

constexpr std::uint64_t numbers = 60'000;
JobSettings by_some() {
    return {.grain = 1500, .max_attempts = 20};
}

/// A few keys that each chunk has, and many that few chunks have.
std::uint64_t key_of(std::uint64_t k) {
    return k % 4 == 0 ? 100'000 + k / 6 : k % 101;
}

/// A sum of doubles, whose bits depend on which terms are added first.
double term_of(std::uint64_t k) {
    return std::sin(static_cast<double>(k)) * std::ldexp(1.0, static_cast<int>(k * k % 60));
}

constexpr auto emit_terms = [](const Chunk& chunk, auto& emit) {
    for (const auto k : chunk) {
        emit(key_of(k), term_of(k));
    }
};

auto sums(Pool& pool) {
    return map_reduce_by_key<std::uint64_t, double>(pool, Range{0, numbers}, emit_terms,
                                                    std::plus<>{}, by_some());
}

/// Modulo 2^64, so that a product is exact, and depends on the order of its factors alone.
struct Matrix {
    std::uint64_t a, b, c, d;
    friend bool operator==(const Matrix&, const Matrix&) = default;
};
static_assert(std::is_trivially_copyable_v<Matrix>);

constexpr auto product = [](const Matrix& x, const Matrix& y) {
    return Matrix{x.a * y.a + x.b * y.c, x.a * y.b + x.b * y.d, x.c * y.a + x.d * y.c,
                  x.c * y.b + x.d * y.d};
};

Matrix factor_of(std::uint64_t k) {
    return {k, 1, k * k + 1, 3};
}

auto products(Pool& pool) {
    return map_reduce_by_key<std::uint64_t, Matrix>(
        pool, Range{0, numbers},
        [](const Chunk& chunk, auto& emit) {
            for (const auto k : chunk) {
                emit(key_of(k), factor_of(k));
            }
        },
        product, by_some());
}

std::map<std::uint64_t, Matrix> expected_products() {
    std::map<std::uint64_t, Matrix> expected;
    for (std::uint64_t k = 0; k < numbers; ++k) {
        const auto [at, is_new] = expected.emplace(key_of(k), factor_of(k));
        at->second = is_new ? at->second : product(at->second, factor_of(k));
    }
    return expected;
}

auto texts(Pool& pool) {
    return map_reduce_by_key<std::uint64_t, std::string>(
        pool, Range{0, numbers},
        [](const Chunk& chunk, auto& emit) {
            for (const auto k : chunk) {
                emit(key_of(k), std::to_string(k) + ' ');
            }
        },
        std::plus<>{}, by_some());
}

std::map<std::uint64_t, std::string> expected_texts() {
    std::map<std::uint64_t, std::string> expected;
    for (std::uint64_t k = 0; k < numbers; ++k) {
        expected[key_of(k)] += std::to_string(k) + ' ';
    }
    return expected;
}

using CrewOf = std::tuple<Crew, int>;

class KeyedBits : public testing::NothingLeft, public ::testing::WithParamInterface<CrewOf> {
  protected:
    void TearDown() override {
        EXPECT_EQ(left_in(pool), 0U);
        pool = Pool({.crew = Crew::serial});
        NothingLeft::TearDown();
    }

    Pool pool = testing::make_pool(std::get<0>(GetParam()), std::get<1>(GetParam()));
    Pool serial = testing::make_pool(Crew::serial, 1);
};

TEST_P(KeyedBits, OfSumsOfDoublesAreThoseOfOneThread) {
    const std::string expected = bytes_of(sums(serial).value);
    for (int round = 0; round < 3; ++round) {
        EXPECT_EQ(bytes_of(sums(pool).value), expected);
    }
}

TEST_P(KeyedBits, OfProductsAreThoseOfTheOrderOfTheInput) {
    const auto result = products(pool);
    EXPECT_EQ(result.value.to_map(), expected_products());
    EXPECT_EQ(bytes_of(result.value), bytes_of(products(serial).value));
}

TEST_P(KeyedBits, OfTextsAreThoseOfTheOrderOfTheInput) {
    const auto result = texts(pool);
    EXPECT_EQ(result.value.to_map(), expected_texts());
    EXPECT_EQ(bytes_of(result.value), bytes_of(texts(serial).value));
}

std::string name_of(const ::testing::TestParamInfo<CrewOf>& of) {
    return std::string(to_string(std::get<0>(of.param))) + "Of" +
           std::to_string(std::get<1>(of.param));
}

INSTANTIATE_TEST_SUITE_P(Workers, KeyedBits,
                         ::testing::Combine(::testing::Values(Crew::threads, Crew::processes),
                                            ::testing::Values(1, 2, 3, 7)),
                         name_of);
INSTANTIATE_TEST_SUITE_P(More, KeyedBits,
                         ::testing::Values(CrewOf(Crew::processes, 4), CrewOf(Crew::processes, 5),
                                           CrewOf(Crew::processes, 6)),
                         name_of);

// ---- deaths

/// Where a map and a combine end their process: each time that the count of calls is a multiple,
/// until so many deaths have been died.
struct Doom {
    int calls;
    int every;
    int deaths_left;
};

void may_die(const shm::Array<Doom>& doom) {
    if (std::atomic_ref(doom[0].calls).fetch_add(1) % doom[0].every == doom[0].every - 1 &&
        std::atomic_ref(doom[0].deaths_left).fetch_sub(1) > 0) {
        kill(getpid(), SIGKILL);
    }
}

class KeyedDeaths : public testing::NothingLeft, public ::testing::WithParamInterface<int> {
  protected:
    void TearDown() override {
        pool = Pool({.crew = Crew::serial});
        NothingLeft::TearDown();
    }

    Pool pool = testing::make_pool(Crew::processes, GetParam());
    Pool serial = testing::make_pool(Crew::serial, 1);
};

TEST_P(KeyedDeaths, AmidWhatAMapEmitsChangeNoBit) {
    const std::string expected = bytes_of(sums(serial).value);
    for (const int every : {2, 700, 1501, 9973}) {
        {
            const auto doom = pool.array<Doom>(1);
            doom[0] = {0, every, 6};
            const auto result = map_reduce_by_key<std::uint64_t, double>(
                pool, Range{0, numbers},
                [doom](const Chunk& chunk, auto& emit) {
                    for (const auto k : chunk) {
                        emit(key_of(k), term_of(k));
                        may_die(doom);
                    }
                },
                std::plus<>{}, by_some());
            EXPECT_EQ(bytes_of(result.value), expected);
            EXPECT_EQ(result.report.deaths, 6U);
        }
        EXPECT_EQ(left_in(pool), 0U);
    }
}

/// Each chunk has a key once, so that two values meet in a merge alone.
TEST_P(KeyedDeaths, AmidAMergeChangeNoBit) {
    const auto run = [](Pool& on, const auto& combine) {
        return map_reduce_by_key<std::uint64_t, double>(on, Range{0, 40'000},
                                                        [](const Chunk& chunk, auto& emit) {
                                                            for (const auto k : chunk) {
                                                                emit(k % 1000, term_of(k));
                                                            }
                                                        },
                                                        combine,
                                                        {.grain = 1000, .max_attempts = 20});
    };
    const std::string expected = bytes_of(run(serial, std::plus<>{}).value);
    for (const int every : {1, 10, 333, 4000}) {
        {
            const auto doom = pool.array<Doom>(1);
            doom[0] = {0, every, 5};
            const auto combine = [doom](double a, double b) {
                may_die(doom);
                return a + b;
            };
            const auto result = run(pool, combine);
            EXPECT_EQ(bytes_of(result.value), expected);
            EXPECT_LT(doom[0].deaths_left, 1) << "no worker died";
        }
        EXPECT_EQ(left_in(pool), 0U);
    }
}

TEST_P(KeyedDeaths, AmidTheWritingOfTextsChangeNoByte) {
    const std::string expected = bytes_of(texts(serial).value);
    {
        const auto doom = pool.array<Doom>(1);
        doom[0] = {0, 501, 12};
        const auto result = map_reduce_by_key<std::uint64_t, std::string>(
            pool, Range{0, numbers},
            [](const Chunk& chunk, auto& emit) {
                for (const auto k : chunk) {
                    emit(key_of(k), std::to_string(k) + ' ');
                }
            },
            [doom](const std::string& a, const std::string& b) {
                may_die(doom);
                return a + b;
            },
            by_some());
        EXPECT_EQ(bytes_of(result.value), expected);
        EXPECT_LT(doom[0].deaths_left, 1) << "no worker died";
    }
    EXPECT_EQ(left_in(pool), 0U);
}

INSTANTIATE_TEST_SUITE_P(Workers, KeyedDeaths, ::testing::Values(1, 2, 3, 7),
                         [](const auto& workers) { return std::to_string(workers.param); });

}  // namespace
}  // namespace pinfold
