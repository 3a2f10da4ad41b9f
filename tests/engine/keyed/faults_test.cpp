// Keyed jobs that fail, hang, are stopped or find no memory: what they say, and that they leave
// nothing.
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <pinfold/engine/keyed/keyed.hpp>
#include <pinfold/shm/array.hpp>
#include <pinfold/shm/crossing.hpp>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <vector>

#include "job/left_in.hpp"
#include "on_each_crew.hpp"

namespace pinfold {
namespace {

using testing::left_in;
using testing::refusal;

constexpr std::uint64_t numbers = 40'000;
using Sums = std::map<std::uint64_t, std::uint64_t>;

constexpr auto emit_thousands = [](const Chunk& chunk, auto& emit) {
    for (const auto k : chunk) {
        emit(k % 1000, k);
    }
};

Sums expected_sums() {
    Sums sums;
    for (std::uint64_t k = 0; k < numbers; ++k) {
        sums[k % 1000] += k;
    }
    return sums;
}

template <typename Map, typename Combine = std::plus<>>
auto run(Pool& pool, const Map& map, const JobSettings& settings = {.grain = 1000},
         Combine combine = {}) {
    return map_reduce_by_key<std::uint64_t, std::uint64_t>(pool, Range{0, numbers}, map, combine,
                                                           settings);
}

/// Checks that nothing is left of a job that failed, and that the next one is right.
void expect_sound(Pool& pool) {
    EXPECT_EQ(left_in(pool), 0U);
    EXPECT_EQ(run(pool, emit_thousands).value.to_map(), expected_sums());
    EXPECT_EQ(left_in(pool), 0U);
}

class KeyedFaults : public testing::OnEachCrew {};

TEST_P(KeyedFaults, OfAMapThatThrowsAmidItsPairsNameItsChunk) {
    try {
        run(pool, [](const Chunk& chunk, auto& emit) {
            for (const auto k : chunk) {
                emit(k % 1000, k);
                if (k == 7500) {
                    throw std::domain_error("no value for 7500");
                }
            }
        });
        ADD_FAILURE() << "it did not fail";
    } catch (const JobFailed& failure) {
        EXPECT_EQ(failure.details().chunk.index, 7U);
        EXPECT_EQ(failure.details().exception_text, "no value for 7500");
    }
    expect_sound(pool);
}

constexpr auto throws_at_limit = [](std::uint64_t a, std::uint64_t b) {
    if (a + b > 30'000) {
        throw std::overflow_error("the sum is too large");
    }
    return a + b;
};

/// Each chunk has a key once, so that the values meet when chunks are merged.
TEST_P(KeyedFaults, OfACombineThatThrowsInAMergeAreTold) {
    for (const OnPoison on_poison : {OnPoison::fail, OnPoison::skip}) {
        try {
            run(pool, emit_thousands, {.grain = 1000, .on_poison = on_poison}, throws_at_limit);
            ADD_FAILURE() << "it did not fail";
        } catch (const JobFailed& failure) {
            EXPECT_EQ(failure.details().exception_text, "the sum is too large");
        }
        expect_sound(pool);
    }
}

TEST_P(KeyedFaults, OfACombineThatThrowsInAChunkAreTold) {
    try {
        run(pool, emit_thousands, {.grain = numbers}, throws_at_limit);
        ADD_FAILURE() << "it did not fail";
    } catch (const JobFailed& failure) {
        EXPECT_EQ(failure.details().exception_text, "the sum is too large");
        EXPECT_EQ(failure.details().chunk.index, 0U);
    }
    expect_sound(pool);
}

/// A key whose writing throws: emit throws it, into the map.
struct Unwritable {
    std::string text;

    template <typename Archive>
    void save(Archive& archive) const {
        if (text.size() > 10) {
            throw std::length_error("too long to be a key");
        }
        archive(text);
    }
    template <typename Archive>
    void load(Archive& archive) {
        archive(text);
    }
};

TEST_P(KeyedFaults, OfAnEmitThatThrowsAreTold) {
    try {
        map_reduce_by_key<Unwritable, std::uint64_t>(
            pool, Range{0, 100},
            [](const Chunk& chunk, auto& emit) {
                for (const auto k : chunk) {
                    emit(Unwritable{std::string(k / 5, 'u')}, 1);
                }
            },
            std::plus<>{}, {.grain = 10});
        ADD_FAILURE() << "it did not fail";
    } catch (const JobFailed& failure) {
        EXPECT_EQ(failure.details().exception_text, "too long to be a key");
        EXPECT_EQ(failure.details().chunk.index, 5U);
    }
    expect_sound(pool);
}

/// What emit threw and the map caught leaves the chunk's other pairs as they are.
TEST_P(KeyedFaults, OfAnEmitMayBeCaughtByTheMap) {
    const auto counts = map_reduce_by_key<Unwritable, std::uint64_t>(
        pool, Range{0, 100},
        [](const Chunk& chunk, auto& emit) {
            for (const auto k : chunk) {
                try {
                    emit(Unwritable{std::string(k % 20, 'u')}, 1);
                } catch (const std::length_error&) {
                    emit(Unwritable{"long"}, 1);
                }
            }
        },
        std::plus<>{}, {.grain = 33});
    ASSERT_EQ(counts.value.size(), 12U);
    EXPECT_EQ(counts.value.at(Unwritable{"long"}), 45U);
    EXPECT_EQ(counts.value.at(Unwritable{"u"}), 5U);
}

TEST_P(KeyedFaults, LeaveOutAllOfASkippedChunk) {
    {
        const auto result = run(pool,
                                [](const Chunk& chunk, auto& emit) {
                                    emit_thousands(chunk, emit);
                                    if (chunk.index % 10 == 3) {
                                        throw std::domain_error("no");
                                    }
                                },
                                {.grain = 1000, .on_poison = OnPoison::skip});
        Sums expected;
        for (std::uint64_t k = 0; k < numbers; ++k) {
            expected[k % 1000] += k / 1000 % 10 == 3 ? 0 : k;
        }
        EXPECT_EQ(result.value.to_map(), expected);
        ASSERT_EQ(result.report.skipped.size(), 4U);
        EXPECT_EQ(result.report.skipped[1].chunk.index, 13U);
        EXPECT_EQ(result.report.skipped[1].exception_text, "no");
    }
    expect_sound(pool);
}

TEST_P(KeyedFaults, OfAStoppedJobLeaveNothing) {
    std::stop_source source;
    JobSettings settings{.grain = 100};
    settings.stop = source.get_token();
    settings.progress = [&](const Progress&) { source.request_stop(); };
    EXPECT_THROW(run(
                     pool,
                     [](const Chunk& chunk, auto& emit) {
                         usleep(2000);
                         emit_thousands(chunk, emit);
                     },
                     settings),
                 Cancelled);
    expect_sound(pool);
}

TEST_P(KeyedFaults, OfALateJobLeaveNothing) {
    EXPECT_THROW(run(pool,
                     [](const Chunk& chunk, auto& emit) {
                         usleep(2000);
                         emit_thousands(chunk, emit);
                     },
                     {.grain = 10, .deadline = std::chrono::milliseconds(50)}),
                 Timeout);
    expect_sound(pool);
}

TEST_P(KeyedFaults, OfArgumentsAreRefusedEarly) {
    int local = 0;
    int* const pointer = &local;
    const auto is_refused = [](const std::string& words) { return words != "accepted"; };
    EXPECT_TRUE(is_refused(refusal([&] {
        run(pool, [pointer](const Chunk& chunk, auto& emit) {
            emit_thousands(chunk, emit);
            *pointer = 1;
        });
    })));
    EXPECT_TRUE(is_refused(refusal([&] {
        run(pool, emit_thousands, {.grain = 1000}, [pointer](std::uint64_t a, std::uint64_t b) {
            *pointer = 1;
            return a + b;
        });
    })));
    EXPECT_EQ(local, 0) << "it ran";
    EXPECT_TRUE(is_refused(refusal([&] { run(pool, emit_thousands, {.max_attempts = 0}); })));
    expect_sound(pool);
}

/// What a map emits may not depend on how often its chunk started.
TEST_P(KeyedFaults, OfAMapThatIsNotRepeatableAreFoundByARehearsal) {
    EXPECT_EQ(run(pool, emit_thousands, {.grain = 1000, .rehearse = true}).value.to_map(),
              expected_sums());
    EXPECT_THROW(run(pool,
                     [](const Chunk& chunk, auto& emit) {
                         static std::atomic<std::uint64_t> calls = 0;
                         emit(chunk.index, calls++);
                     },
                     {.grain = 1000, .rehearse = true}),
                 NotRepeatable);
    expect_sound(pool);
}

TEST_P(KeyedFaults, OfAJournalAreRefusedEarly) {
    JobSettings settings{.grain = 1000};
    settings.journal.file = "/nowhere/a/journal";
    const std::string words = refusal([&] { run(pool, emit_thousands, settings); });
    EXPECT_NE(words.find("journal"), std::string::npos) << words;
    expect_sound(pool);
}

/// A map cannot go on after that: pairs may wait to be counted when it is thrown.
TEST_P(KeyedFaults, OfACombineThatTheMapCatchesFailTheJobAllTheSame) {
    for (const std::uint64_t last : {numbers, std::uint64_t{5}}) {
        try {
            run(
                pool,
                [last](const Chunk& chunk, auto& emit) {
                    for (std::uint64_t k = chunk.begin; k < chunk.end && k < last; ++k) {
                        try {
                            emit(k % 4, 20'000);
                        } catch (const std::overflow_error&) {
                        }
                    }
                },
                {.grain = numbers}, throws_at_limit);
            ADD_FAILURE() << "pairs were lost";
        } catch (const JobFailed& failure) {
            EXPECT_EQ(failure.details().exception_type,
                      last == numbers ? "std::logic_error" : "std::overflow_error");
        }
        expect_sound(pool);
    }
}

INSTANTIATE_TEST_SUITE_P(Crews, KeyedFaults, ::testing::ValuesIn(testing::all_crews),
                         [](const auto& crew) { return std::string(to_string(crew.param)); });

// ---- deaths

class KeyedFaultsOfProcesses : public testing::NothingLeft {
  protected:
    void TearDown() override {
        pool = Pool({.crew = Crew::serial});
        NothingLeft::TearDown();
    }

    Pool pool = testing::make_pool(Crew::processes, 2);
};

TEST_F(KeyedFaultsOfProcesses, NameAChunkThatKillsEachOfItsWorkers) {
    try {
        run(pool, [](const Chunk& chunk, auto& emit) {
            emit_thousands(chunk, emit);
            if (chunk.index == 11) {
                kill(getpid(), SIGKILL);
            }
        });
        ADD_FAILURE() << "it did not fail";
    } catch (const JobFailed& failure) {
        EXPECT_EQ(failure.details().chunk.index, 11U);
        EXPECT_EQ(failure.details().deaths.size(), 3U);
    }
    expect_sound(pool);
}

TEST_F(KeyedFaultsOfProcesses, SkipAChunkThatKillsEachOfItsWorkers) {
    {
        const auto result = run(pool,
                                [](const Chunk& chunk, auto& emit) {
                                    emit_thousands(chunk, emit);
                                    if (chunk.index == 11) {
                                        kill(getpid(), SIGKILL);
                                    }
                                },
                                {.grain = 1000, .on_poison = OnPoison::skip});
        Sums expected;
        for (std::uint64_t k = 0; k < numbers; ++k) {
            expected[k % 1000] += k / 1000 == 11 ? 0 : k;
        }
        EXPECT_EQ(result.value.to_map(), expected);
        ASSERT_EQ(result.report.skipped.size(), 1U);
        EXPECT_EQ(result.report.skipped[0].deaths.size(), 3U);
    }
    expect_sound(pool);
}

TEST_F(KeyedFaultsOfProcesses, EndAMergeThatKillsEachOfItsWorkers) {
    try {
        run(pool, emit_thousands, {.grain = 1000}, [](std::uint64_t a, std::uint64_t b) {
            if (a + b > 30'000) {
                kill(getpid(), SIGKILL);
            }
            return a + b;
        });
        ADD_FAILURE() << "it did not fail";
    } catch (const JobFailed& failure) {
        EXPECT_EQ(failure.details().deaths.size(), 3U);
    }
    expect_sound(pool);
}

TEST_F(KeyedFaultsOfProcesses, KillAMapThatHangsAmidItsPairs) {
    {
        const auto hangs_left = pool.array<int>(1);
        hangs_left[0] = 2;
        const auto result =
            run(pool,
                [hangs_left](const Chunk& chunk, auto& emit) {
                    for (const auto k : chunk) {
                        emit(k % 1000, k);
                        if (k % 10'000 == 5000 && std::atomic_ref(hangs_left[0]).fetch_sub(1) > 0) {
                            pause();
                        }
                    }
                },
                {.grain = 1000, .chunk_deadline = std::chrono::milliseconds(300)});
        EXPECT_EQ(result.value.to_map(), expected_sums());
        EXPECT_EQ(result.report.deaths, 2U);
    }
    expect_sound(pool);
}

TEST_F(KeyedFaultsOfProcesses, KillAMergeThatHangs) {
    {
        const auto hangs_left = pool.array<int>(1);
        hangs_left[0] = 1;
        const auto result = run(pool, emit_thousands,
                                {.grain = 1000, .chunk_deadline = std::chrono::milliseconds(300)},
                                [hangs_left](std::uint64_t a, std::uint64_t b) {
                                    if (std::atomic_ref(hangs_left[0]).fetch_sub(1) > 0) {
                                        pause();
                                    }
                                    return a + b;
                                });
        EXPECT_EQ(result.value.to_map(), expected_sums());
        ASSERT_EQ(result.report.latest_deaths.size(), 1U);
        EXPECT_EQ(result.report.latest_deaths[0].how, "killed past the chunk deadline");
    }
    expect_sound(pool);
}

TEST_F(KeyedFaultsOfProcesses, OfASupervisorThatDiesEndTheCall) {
    EXPECT_THROW(run(pool,
                     [](const Chunk& chunk, auto& emit) {
                         emit_thousands(chunk, emit);
                         if (chunk.index == 5) {
                             kill(getppid(), SIGKILL);
                             pause();
                         }
                     }),
                 PoolBroken);
}

}  // namespace
}  // namespace pinfold
