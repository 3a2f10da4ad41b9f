// Jobs that are run twice and compared: what a second start of a chunk would spoil is found.
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <functional>
#include <pinfold/engine/algorithms.hpp>
#include <span>
#include <stdexcept>
#include <string>

#include "crews.hpp"
#include "leftovers.hpp"

namespace pinfold {
namespace {

using testing::Empty;

template <typename R>
JobOptions<R> rehearsed(std::uint64_t grain = 10) {
    JobOptions<R> options;
    options.grain = grain;
    options.rehearse = true;
    return options;
}

/// What a call says that is not repeatable, or that it is.
std::string verdict(const std::function<void()>& call) {
    try {
        call();
    } catch (const NotRepeatable& e) {
        return e.what();
    }
    return "repeatable";
}

void expect_says(const std::string& verdict, const std::string& part) {
    EXPECT_NE(verdict.find(part), std::string::npos) << verdict;
}

class RehearsalOnEveryCrew : public testing::NothingLeft,
                             public ::testing::WithParamInterface<Crew> {
  protected:
    static Pool make() { return testing::make_pool(GetParam(), 2); }
};

using Numbers = std::span<std::uint64_t>;

TEST_P(RehearsalOnEveryCrew, ChangesNothingOfAJobThatIsRepeatable) {
    Pool pool = make();
    const auto squares = pool.array<std::uint64_t>(1000);
    const auto map = [](const Numbers& out, const Chunk& chunk) {
        std::uint64_t sum = 0;
        for (auto k = chunk.begin; k < chunk.end; ++k) {
            out[k] = k * k;
            sum += out[k];
        }
        return static_cast<double>(sum) / 3;
    };
    JobOptions<double> plain;
    plain.grain = 10;
    int progress = 0;
    auto options = rehearsed<double>();
    options.progress = [&](const Progress&) { ++progress; };
    const auto once = map_reduce(pool, Range{0, 1000}, squares.span(), map, std::plus<>{}, plain);
    const auto twice =
        map_reduce(pool, Range{0, 1000}, squares.span(), map, std::plus<>{}, options);
    EXPECT_EQ(once.value, twice.value);
    EXPECT_EQ(twice.report.chunks, 100U);
    EXPECT_EQ(twice.report.attempts, 100U);
    EXPECT_EQ(squares[999], 999U * 999U);
    EXPECT_GE(progress, 1);
}

TEST_P(RehearsalOnEveryCrew, FindsAMapThatDoublesInPlace) {
    Pool pool = make();
    const auto numbers = pool.array<std::uint64_t>(1000);
    numbers[123] = 1;
    const auto other = pool.array<int>(10);
    const auto call = [&] {
        map_reduce(
            pool, Range{0, 1000}, numbers.span(),
            [](const Numbers& all, const Chunk& chunk) {
                for (auto k = chunk.begin; k < chunk.end; ++k) {
                    all[k] *= 2;
                }
                return 0;
            },
            std::plus<>{}, rehearsed<int>());
    };
    const std::string text = verdict(call);
    expect_says(text, "the array of 1000 elements of 8 bytes");
    expect_says(text, "another element 123 ");
    numbers[123] = 0;
    EXPECT_EQ(verdict(call), "repeatable") << "the pool stays usable";
}

TEST_P(RehearsalOnEveryCrew, FindsAMapThatReadsWhatItOverwrites) {
    Pool pool = make();
    const auto numbers = pool.array<std::uint64_t>(1000);
    for (std::uint64_t k = 0; k < 1000; ++k) {
        numbers[k] = k;
    }
    expect_says(verdict([&] {
                    map_reduce(
                        pool, Range{0, 1000}, numbers.span(),
                        [](const Numbers& all, const Chunk& chunk) {
                            std::uint64_t sum = 0;
                            for (auto k = chunk.begin; k < chunk.end; ++k) {
                                sum += all[k];
                                all[k] = 0;
                            }
                            return sum;
                        },
                        std::plus<>{}, rehearsed<std::uint64_t>());
                }),
                "chunk 0 [0, 10) gave another value");
}

TEST_P(RehearsalOnEveryCrew, FindsAMapThatAddsToAnAtomic) {
    Pool pool = make();
    const auto counters = pool.array<std::uint64_t>(3);
    expect_says(verdict([&] {
                    map_reduce(
                        pool, Range{0, 1000}, counters.span(),
                        [](const Numbers& all, const Chunk& chunk) {
                            std::atomic_ref(all[1]).fetch_add(chunk.size());
                            return 1;
                        },
                        std::plus<>{}, rehearsed<int>());
                }),
                "another element 1 ");
}

TEST_P(RehearsalOnEveryCrew, FindsAMapThatReadsTheClock) {
    Pool pool = make();
    expect_says(
        verdict([&] {
            map_reduce(
                pool, Range{0, 100}, Empty{},
                [](const Empty&, const Chunk& chunk) {
                    return chunk.index < 7
                               ? 0
                               : std::chrono::steady_clock::now().time_since_epoch().count();
                },
                std::plus<>{}, rehearsed<std::int64_t>());
        }),
        "chunk 7 [70, 80)");
}

TEST_P(RehearsalOnEveryCrew, FindsAMapThatCountsInAStatic) {
    Pool pool = make();
    expect_says(verdict([&] {
                    map_reduce(
                        pool, Range{0, 100}, Empty{},
                        [](const Empty&, const Chunk&) {
                            static std::atomic<int> calls = 0;
                            return ++calls;
                        },
                        std::plus<>{}, rehearsed<int>());
                }),
                "gave another value");
}

TEST_P(RehearsalOnEveryCrew, FindsATransformThatReadsItsOutput) {
    Pool pool = make();
    const auto in = pool.array<int>(1000);
    const auto out = pool.array<int>(1000);
    in[500] = 3;
    JobSettings settings;
    settings.rehearse = true;
    expect_says(
        verdict([&] {
            transform_chunks(
                pool, in, out, Empty{},
                [](const Empty&, std::span<const int> from, std::span<int> to, const Chunk&) {
                    for (std::size_t i = 0; i < to.size(); ++i) {
                        to[i] += from[i];
                    }
                },
                settings);
        }),
        "another element 500 ");
    EXPECT_EQ(verdict([&] {
                  transform_chunks(
                      pool, in, out, Empty{},
                      [](const Empty&, std::span<const int> from, std::span<int> to, const Chunk&) {
                          for (std::size_t i = 0; i < to.size(); ++i) {
                              to[i] = 2 * from[i];
                          }
                      },
                      settings);
              }),
              "repeatable");
    EXPECT_EQ(out[500], 6);
}

struct Padded {
    char letter;
    double number;

    bool operator==(const Padded&) const = default;
};

/// What lies in its padding differs from call to call.
Padded with_any_padding(double number) {
    static std::atomic<int> calls = 0;
    alignas(Padded) std::array<unsigned char, sizeof(Padded)> bytes;
    bytes.fill(static_cast<unsigned char>(++calls));
    auto* const made = reinterpret_cast<Padded*>(bytes.data());
    made->letter = 'a';
    made->number = number;
    Padded copy;
    std::memcpy(&copy, bytes.data(), sizeof(copy));
    return copy;
}

TEST_P(RehearsalOnEveryCrew, DoesNotLookAtPadding) {
    Pool pool = make();
    const auto out = pool.array<Padded>(100);
    const auto call = [&](double step) {
        const auto steps = pool.array<double>(1);
        steps[0] = step;
        struct Job {
            std::span<Padded> out;
            double* step;
        };
        map_reduce(
            pool, Range{0, 100}, Job{out.span(), steps.data()},
            [](const Job& job, const Chunk& chunk) {
                const Padded value = with_any_padding(*job.step * static_cast<double>(chunk.begin));
                std::memcpy(&job.out[chunk.begin], &value, sizeof(value));
                return value;
            },
            [](Padded, Padded last) { return last; }, rehearsed<Padded>(1));
    };
    EXPECT_EQ(verdict([&] { call(0.5); }), "repeatable");
    EXPECT_EQ(out[99].number, 0.5 * 99);
}

/// A job with two phases, the first of which is `fill`.
template <typename Fill>
std::uint64_t sum_in_phases(Pool& pool, Fill fill) {
    Phases<std::uint64_t> phases;
    phases.add({.range = {0, 1000}, .grain = 7, .bytes = 1000 * sizeof(std::uint64_t)}, fill);
    phases.add({.range = {0, 1000}, .grain = 300, .bytes = 1000 * sizeof(std::uint64_t)},
               [](const std::uint64_t& factor, const Chunk& chunk, const PhaseMemory& memory) {
                   for (auto k = chunk.begin; k < chunk.end; ++k) {
                       memory.of<std::uint64_t>(1)[k] = factor * memory.of<std::uint64_t>(0)[k];
                   }
               });
    return map_reduce(
               pool, Range{0, 1000}, std::uint64_t{3}, phases,
               [](const std::uint64_t&, const Chunk& chunk, const PhaseMemory& memory) {
                   std::uint64_t sum = 0;
                   for (auto k = chunk.begin; k < chunk.end; ++k) {
                       sum += memory.of<std::uint64_t>(1)[k];
                   }
                   return sum;
               },
               std::plus<>{}, rehearsed<std::uint64_t>())
        .value;
}

TEST_P(RehearsalOnEveryCrew, FindsAPhaseThatAddsToWhatItLeaves) {
    Pool pool = make();
    EXPECT_EQ(sum_in_phases(
                  pool,
                  [](const std::uint64_t& factor, const Chunk& chunk, const PhaseMemory& memory) {
                      for (auto k = chunk.begin; k < chunk.end; ++k) {
                          memory.of<std::uint64_t>(0)[k] = factor * k;
                      }
                  }),
              9 * testing::sum_below(1000));
    expect_says(verdict([&] {
                    sum_in_phases(pool, [](const std::uint64_t&, const Chunk& chunk,
                                           const PhaseMemory& memory) {
                        for (auto k = chunk.begin; k < chunk.end; ++k) {
                            memory.of<std::uint64_t>(0)[k] += k;
                        }
                    });
                }),
                "chunk 0 [0, 10) gave another value");
}

TEST_P(RehearsalOnEveryCrew, LooksAtTheValuesOfAJobInsideAMap) {
    Pool pool = make();
    const auto inner = [](bool reads_clock) {
        Pool own({.arena_bytes = std::size_t{1} << 20});
        const auto numbers = own.array<std::uint64_t>(10);
        map_reduce(
            own, Range{0, 10}, reads_clock,
            [](const bool& clock, const Chunk&) {
                return clock ? std::chrono::steady_clock::now().time_since_epoch().count() : 0;
            },
            std::plus<>{}, rehearsed<std::int64_t>(1));
    };
    const auto found = map_reduce(
        pool, Range{0, 4}, inner,
        [](const auto& run, const Chunk&) {
            const bool is_good = verdict([&] { run(false); }) == "repeatable";
            const bool is_found = verdict([&] { run(true); }) != "repeatable";
            return is_good && is_found ? 1 : 0;
        },
        std::plus<>{});
    EXPECT_EQ(found.value, 4);
}

TEST_P(RehearsalOnEveryCrew, LooksAtEachCallOfElements) {
    Pool pool = make();
    const auto numbers = pool.array<int>(1000);
    const auto squares = pool.array<int>(1000);
    numbers[700] = -3;
    EXPECT_EQ(
        transform(pool, numbers, squares, [](int x) { return x * x; }, {.rehearse = true}).chunks,
        1U);
    EXPECT_EQ(squares[700], 9);
    const auto lowest = min_element(pool, numbers, {.grain = 10, .rehearse = true});
    EXPECT_EQ(lowest.value.value().at, 700U);
    EXPECT_FALSE(min_element(pool, pool.array<int>(0), {.rehearse = true}).value.has_value());
    expect_says(verdict([&] {
                    for_each(pool, Range{0, 1000}, [numbers](std::uint64_t k) { ++numbers[k]; },
                             {.rehearse = true});
                }),
                "another element 0 ");
}

TEST_P(RehearsalOnEveryCrew, KeepsItsJournalAndSkipsWhatThrows) {
    const auto file =
        std::filesystem::temp_directory_path() / ("pinfold_rehearsal_" + std::to_string(getpid()));
    Pool pool = make();
    auto options = rehearsed<int>(1);
    options.on_poison = OnPoison::skip;
    options.journal = {.file = file, .kernel = "ones"};
    const auto run = [&] {
        return map_reduce(
            pool, Range{0, 100}, Empty{},
            [](const Empty&, const Chunk& chunk) {
                return chunk.index % 10 == 4 ? throw std::domain_error("four") : 1;
            },
            std::plus<>{}, options);
    };
    EXPECT_EQ(run().value, 90);
    const auto again = run();
    EXPECT_EQ(again.value, 90);
    EXPECT_EQ(again.report.restored, 90U);
    std::filesystem::remove(file);
}

INSTANTIATE_TEST_SUITE_P(Crews, RehearsalOnEveryCrew, ::testing::ValuesIn(testing::all_crews));

class Rehearsal : public testing::NothingLeft {};

TEST_F(Rehearsal, OfForkedWorkersFindsWhatStaysInThem) {
    JobOptions<int> options = rehearsed<int>(1);
    int calls = 0;
    expect_says(verdict([&] {
                    map_reduce_forked(
                        {.workers = 1, .pin = "none"}, Range{0, 10},
                        [&](const Chunk&) { return ++calls; }, std::plus<>{}, options);
                }),
                "chunk 0 [0, 1)");
}

TEST_F(Rehearsal, GoesOnWhenWorkersDie) {
    Pool pool = testing::make_pool(Crew::processes, 2);
    const auto starts = pool.array<int>(0);
    const auto kills = pool.arena()->allocate(sizeof(int));  // no array: it may change
    const auto result = map_reduce(
        pool, Range{0, 100}, static_cast<int*>(kills),
        [](int* const& left, const Chunk&) {
            if (std::atomic_ref(*left).fetch_add(1) % 40 == 20) {
                raise(SIGKILL);
            }
            return 1;
        },
        std::plus<>{}, rehearsed<int>(1));
    EXPECT_EQ(result.value, 100);
    EXPECT_GE(result.report.deaths, 1U);
    pool.arena()->deallocate(kills);
}

struct NoEquality {
    char letter;
    double number;
};

TEST_F(Rehearsal, SaysWhatATypeNeedsThatItCannotCompare) {
    Pool pool = testing::make_pool(Crew::serial, 1);
    const auto run = [&] {
        return map_reduce(
                   pool, Range{0, 10}, Empty{},
                   [](const Empty&, const Chunk& chunk) {
                       return NoEquality{'a', static_cast<double>(chunk.begin)};
                   },
                   [](NoEquality, NoEquality last) { return last; }, rehearsed<NoEquality>(1))
            .value.number;
    };
#if defined(PINFOLD_CLEARS_PADDING)
    EXPECT_EQ(run(), 9);
#else
    try {
        run();
        ADD_FAILURE() << "not refused";
    } catch (const std::invalid_argument& e) {
        expect_says(e.what(), "operator==");
    }
#endif
}

TEST_F(Rehearsal, ThrowsWhatTheMapThrows) {
    Pool pool = testing::make_pool(Crew::threads, 2);
    EXPECT_THROW(map_reduce(
                     pool, Range{0, 10}, Empty{},
                     [](const Empty&, const Chunk&) -> int { throw std::domain_error("no"); },
                     std::plus<>{}, rehearsed<int>()),
                 JobFailed);
}

TEST_F(Rehearsal, DoesNotFoldWhatItFinds) {
    Pool pool = testing::make_pool(Crew::serial, 1);
    int folds = 0;
    static int calls = 0;
    expect_says(verdict([&] {
                    map_reduce(
                        pool, Range{0, 10}, Empty{},
                        [](const Empty&, const Chunk&) { return ++calls; },
                        [&](int a, int) {
                            ++folds;
                            return a;
                        },
                        rehearsed<int>(1));
                }),
                "chunk 0");
    EXPECT_EQ(folds, 0);
}

}  // namespace
}  // namespace pinfold
