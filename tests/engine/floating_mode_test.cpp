// A job computes as the thread that asks for it: rounding, denormal numbers, the precision of x87.
// So its bits are the same on each crew, whatever its workers were born with.
#include <gtest/gtest.h>

#include <cfenv>
#include <cstring>
#include <functional>
#include <limits>
#include <pinfold/engine/map_reduce.hpp>
#include <string>
#include <thread>
#include <vector>

#include "crews.hpp"
#include "leftovers.hpp"

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

namespace pinfold {
namespace {

/// A way of computing, put on in the calling thread.
struct Mode {
    const char* name;
    void (*put_on)();
};

void as_ever() {}
#if defined(__x86_64__)
void flush_to_zero() {
    _mm_setcsr(_mm_getcsr() | 0x8000U);
}
void denormals_are_zero() {
    _mm_setcsr(_mm_getcsr() | 0x0040U);
}
void flush_all_and_round_up() {
    _mm_setcsr(_mm_getcsr() | 0x8040U);
    std::fesetround(FE_UPWARD);
}
void single_precision_of_x87() {
    unsigned short word = 0;
    asm volatile("fnstcw %0" : "=m"(word));
    word = static_cast<unsigned short>(word & ~0x0300U);
    asm volatile("fldcw %0" : : "m"(word));
}
#endif

const std::vector<Mode>& modes() {
    static const std::vector<Mode> all {
        {"nearest", as_ever}, {"upward", [] { std::fesetround(FE_UPWARD); }},
            {"downward", [] { std::fesetround(FE_DOWNWARD); }},
            {"toward zero", [] { std::fesetround(FE_TOWARDZERO); }},
#if defined(__x86_64__)
            {"FTZ", flush_to_zero}, {"DAZ", denormals_are_zero},
            {"FTZ, DAZ, upward", flush_all_and_round_up},
            {"x87 of 24 bits", single_precision_of_x87},
#endif
    };
    return all;
}

/// Sums whose bits depend on the mode.
struct Bits {
    double sum = 0;
    double of_negatives = 0;
    double of_denormals = 0;
    double of_x87 = 0;
};

Bits bits_of(const Chunk& chunk) {
    Bits bits;
    volatile double three = 3;
    volatile double smallest = std::numeric_limits<double>::min();
    for (std::uint64_t i = chunk.begin; i < chunk.end; ++i) {
        bits.sum += static_cast<double>(i + 1) / three;
        bits.of_negatives -= static_cast<double>(i + 1) / three;
        bits.of_denormals += smallest / static_cast<double>(i + 2) * 0x1p60;
        bits.of_denormals += std::numeric_limits<double>::denorm_min() * (three * 0x1p80);
        bits.of_x87 += static_cast<double>(static_cast<long double>(i + 1) / (three * 1.0L));
    }
    return bits;
}

Bits add(const Bits& a, const Bits& b) {
    return {a.sum + b.sum, a.of_negatives + b.of_negatives, a.of_denormals + b.of_denormals,
            a.of_x87 + b.of_x87};
}

template <typename Map>
Bits run(Pool& pool, Map map) {
    JobOptions<Bits> options;
    options.grain = 7;
    return map_reduce(pool, Range{0, 500}, testing::Empty{}, map, add, options).value;
}

constexpr auto plain = [](const testing::Empty&, const Chunk& chunk) { return bits_of(chunk); };

/// Runs `body` in a thread of its own, which has put on the mode.
template <typename Body>
void in_mode(const Mode& mode, Body body) {
    std::thread([&] {
        mode.put_on();
        body();
    }).join();
}

bool same(const Bits& a, const Bits& b) {
    return std::memcmp(&a, &b, sizeof a) == 0;
}

/// What the serial crew says in that mode.
Bits expected_in(const Mode& mode) {
    Bits bits;
    in_mode(mode, [&] {
        Pool serial = testing::make_pool(Crew::serial, 1);
        bits = run(serial, plain);
    });
    return bits;
}

TEST(FloatingModes, DifferInTheirBits) {
    for (std::size_t a = 0; a < modes().size(); ++a) {
        for (std::size_t b = 0; b < a; ++b) {
            const bool is_same = same(expected_in(modes()[a]), expected_in(modes()[b]));
            EXPECT_EQ(is_same, false) << modes()[a].name << " and " << modes()[b].name;
        }
    }
}

class FloatingModesOnEveryCrew : public testing::NothingLeft,
                                 public ::testing::WithParamInterface<Crew> {};

TEST_P(FloatingModesOnEveryCrew, AreThoseOfTheThreadThatAsks) {
    Pool pool = testing::make_pool(GetParam(), 3);
    for (int round = 0; round < 2; ++round) {
        for (const Mode& mode : modes()) {
            const Bits expected = expected_in(mode);
            in_mode(mode, [&] { EXPECT_TRUE(same(run(pool, plain), expected)) << mode.name; });
        }
    }
}

TEST_P(FloatingModesOnEveryCrew, AreNotThoseInWhichThePoolWasMade) {
    for (const Mode& birth : modes()) {
        in_mode(birth, [&] {
            Pool pool = testing::make_pool(GetParam(), 2);
            for (const Mode& mode : modes()) {
                const Bits expected = expected_in(mode);
                in_mode(mode, [&] {
                    EXPECT_TRUE(same(run(pool, plain), expected)) << birth.name << mode.name;
                });
            }
        });
    }
}

TEST_P(FloatingModesOnEveryCrew, AreEachThreadsOwnSideBySide) {
    Pool pool = testing::make_pool(GetParam(), 2);
    std::vector<std::thread> hosts;
    for (const Mode& mode : modes()) {
        hosts.emplace_back([&] {
            const Bits expected = expected_in(mode);
            mode.put_on();
            for (int i = 0; i < 50; ++i) {
                EXPECT_TRUE(same(run(pool, plain), expected)) << mode.name;
            }
        });
    }
    for (std::thread& host : hosts) {
        host.join();
    }
}

TEST_P(FloatingModesOnEveryCrew, AreThoseOfTheMapForAJobInsideOfIt) {
    Pool pool = testing::make_pool(GetParam(), 2);
    for (const Mode& mode : modes()) {
        const Bits expected = expected_in(mode);
        in_mode(mode, [&] {
            const Bits bits = map_reduce(
                                  pool, Range{0, 1}, testing::Empty{},
                                  [](const testing::Empty&, const Chunk&) {
                                      Pool inner = testing::make_pool(Crew::threads, 2);
                                      return run(inner, plain);
                                  },
                                  [](const Bits&, const Bits& part) { return part; })
                                  .value;
            EXPECT_TRUE(same(bits, expected)) << mode.name;
        });
    }
}

TEST_P(FloatingModesOnEveryCrew, AreThoseOfTheHostInPhasesToo) {
    Pool pool = testing::make_pool(GetParam(), 2);
    for (const Mode& mode : modes()) {
        Bits expected;
        in_mode(mode, [&] { expected = bits_of({{0, 500}, 0}); });
        Phases<testing::Empty> phases;
        phases.add({.range = {0, 1}, .bytes = sizeof(Bits)},
                   [](const testing::Empty&, const Chunk&, const PhaseMemory& memory) {
                       memory.of<Bits>(0)[0] = bits_of({{0, 500}, 0});
                   });
        in_mode(mode, [&] {
            const Bits bits = map_reduce(
                                  pool, Range{0, 1}, testing::Empty{}, phases,
                                  [](const testing::Empty&, const Chunk&,
                                     const PhaseMemory& memory) { return memory.of<Bits>(0)[0]; },
                                  [](const Bits&, const Bits& part) { return part; })
                                  .value;
            EXPECT_TRUE(same(bits, expected)) << mode.name;
        });
    }
}

// One chunk a batch at first, and each batch begins anew.
TEST_P(FloatingModesOnEveryCrew, OfAMapThatChangesThemAreGoneWithItsJob) {
    Pool pool = testing::make_pool(GetParam(), 2);
    const Bits expected = expected_in(modes().front());
    for (int i = 0; i < 3; ++i) {
        std::thread([&] {
            run(pool, [](const testing::Empty&, const Chunk& chunk) {
                std::fesetround(FE_UPWARD);
                return bits_of(chunk);
            });
            EXPECT_TRUE(GetParam() == Crew::serial || std::fegetround() == FE_TONEAREST);
            std::fesetround(FE_TONEAREST);
            EXPECT_TRUE(same(run(pool, plain), expected));
        }).join();
    }
}

INSTANTIATE_TEST_SUITE_P(Crews, FloatingModesOnEveryCrew, ::testing::ValuesIn(testing::all_crews));

TEST(FloatingModesOfForkedJobs, AreThoseOfTheThreadThatAsks) {
    for (const Mode& mode : modes()) {
        Bits expected;
        in_mode(mode, [&] { expected = bits_of({{0, 500}, 0}); });
        in_mode(mode, [&] {
            const auto result = map_reduce_forked(
                {.workers = 1, .pin = "none"}, Range{0, 1},
                [](const Chunk&) {
                    return bits_of({{0, 500}, 0});
                },
                [](const Bits&, const Bits& part) { return part; });
            EXPECT_TRUE(same(result.value, expected)) << mode.name;
        });
    }
}

}  // namespace
}  // namespace pinfold
