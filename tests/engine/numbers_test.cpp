// Every number that a user can give, at its ends: it works as its document says, or is refused by
// its name before anything starts. None wraps.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <new>
#include <optional>
#include <pinfold/engine/errors.hpp>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "crews.hpp"
#include "gate.hpp"
#include "leftovers.hpp"
#include "process_tree.hpp"
#include "shared.hpp"

namespace pinfold {
namespace {

using testing::Empty;
using Options = JobOptions<std::uint64_t>;

constexpr std::uint64_t integers = 300;

template <typename Number>
constexpr Number most = std::numeric_limits<Number>::max();
template <typename Number>
constexpr Number least = std::numeric_limits<Number>::min();

/// What a call comes to, in one word or in that of its error.
std::string outcome_of(const std::function<std::uint64_t()>& call) {
    try {
        return call() == testing::sum_below(integers) ? "right" : "wrong value";
    } catch (const std::invalid_argument& e) {
        return std::string("refused: ") + e.what();
    } catch (const std::system_error& e) {
        return e.code().value() == ENOMEM ? "no memory" : e.what();
    } catch (const std::bad_alloc&) {
        return "no memory";
    } catch (const Timeout&) {
        return "timeout";
    } catch (const std::exception& e) {
        return std::string("threw: ") + e.what();
    }
}

std::string outcome_on(Pool& pool, const Options& options) {
    return outcome_of([&] {
        return map_reduce(pool, Range{0, integers}, Empty{}, testing::sum_map, std::plus<>{},
                          options)
            .value;
    });
}

/// The expected outcome: "right", or the name of the option in a refusal.
void expect(const std::string& outcome, const std::string& expected, const std::string& where) {
    if (expected == "right" || expected == "timeout" || expected == "no memory") {
        EXPECT_EQ(outcome, expected) << where;
    } else {
        EXPECT_TRUE(outcome.starts_with("refused: ") && outcome.find(expected) != outcome.npos)
            << where << ": " << outcome << " does not name " << expected;
    }
}

template <typename Number>
struct Try {
    Number value;
    std::string expected;
};

class NumbersOnEveryCrew : public testing::NothingLeft, public ::testing::WithParamInterface<Crew> {
  protected:
    template <typename Number>
    void try_each(const std::function<void(Options&, Number)>& set,
                  const std::vector<Try<Number>>& tries) {
        for (const auto& [value, expected] : tries) {
            Options options;
            set(options, value);
            expect(outcome_on(*pool_, options), expected, std::to_string(value));
        }
    }

    [[nodiscard]] static bool on_processes() { return GetParam() == Crew::processes; }

    void TearDown() override {
        pool_.reset();
        testing::NothingLeft::TearDown();
    }

    std::optional<Pool> pool_ = testing::make_pool(GetParam(), 2);
};

TEST_P(NumbersOnEveryCrew, OfNanosecondsAreNeverNegativeAndNeverWrap) {
    using Count = std::int64_t;
    using std::chrono::nanoseconds;
    const auto tries = [](const std::string& name, const std::string& of_more) {
        return std::vector<Try<Count>>{{0, "right"},
                                       {most<Count>, of_more},
                                       {most<Count> - 1, of_more},
                                       {most<Count> / 2 + 1, of_more},
                                       {-1, name},
                                       {least<Count> + 1, name},
                                       {least<Count>, name}};
    };
    try_each<Count>([](Options& o, Count n) { o.chunk_set_up = nanoseconds(n); },
                    tries("chunk_set_up", "right"));
    try_each<Count>([](Options& o, Count n) { o.chunk_set_up = nanoseconds(n); }, {{1, "right"}});
    try_each<Count>([](Options& o, Count n) { o.deadline = nanoseconds(n); },
                    tries("deadline", "right"));
    try_each<Count>([](Options& o, Count n) { o.chunk_deadline = nanoseconds(n); },
                    tries("chunk_deadline", on_processes() ? "right" : "chunk_deadline"));
}

// A host whose wait had wrapped would look again and again.
TEST_P(NumbersOnEveryCrew, OfADeadlineBeyondAllTimeLetTheHostSleep) {
    if (GetParam() == Crew::serial) {
        GTEST_SKIP() << "the host is the worker";
    }
    const testing::Shared<testing::Gate> gate;
    pool_.emplace(testing::make_pool(GetParam(), 1));  // which knows the gate
    std::atomic<int> host{0};
    std::jthread thread([&] {
        host = gettid();
        JobOptions<int> options;
        options.deadline = std::chrono::nanoseconds::max();
        map_reduce(
            *pool_, Range{0, 1}, testing::AtGate{gate.get()},
            [](const testing::AtGate& at, const Chunk&) {
                at.gate->pass();
                return 0;
            },
            std::plus<>{}, options);
    });
    EXPECT_TRUE(gate->wait_for(1));
    EXPECT_TRUE(testing::eventually([&] { return testing::stat_fields(host).front() == "S"; }));
    gate->open();
}

TEST_P(NumbersOnEveryCrew, OfAJournal) {
    using Count = std::chrono::milliseconds::rep;
    const auto folder = std::filesystem::temp_directory_path();
    const std::string file = folder / ("pinfold_numbers_" + std::to_string(getpid()));
    const auto set = [&](Options& o, Count n) {
        o.journal = {.file = file, .kernel = "sum", .sync_interval = std::chrono::milliseconds(n)};
    };
    try_each<Count>(set, {{0, "right"},
                          {1, "right"},
                          {most<Count>, "right"},
                          {most<Count> - 1, "right"},
                          {most<Count> / 1'000'000 + 1, "right"},
                          {-1, "sync_interval"},
                          {least<Count>, "sync_interval"}});
    for (const std::uint64_t version : {std::uint64_t{0}, most<std::uint64_t>}) {
        Options options;
        options.journal = {.file = file, .kernel = "sum", .version = version};
        std::filesystem::remove(file);
        EXPECT_EQ(outcome_on(*pool_, options), "right") << version;
    }
    std::filesystem::remove(file);
}

TEST_P(NumbersOnEveryCrew, OfAttemptsAndGrains) {
    try_each<int>([](Options& o, int n) { o.max_attempts = n; },
                  {{1, "right"},
                   {most_attempts, "right"},
                   {0, "max_attempts"},
                   {-1, "max_attempts"},
                   {most_attempts + 1, "max_attempts"},
                   {most<int>, "max_attempts"},
                   {least<int>, "max_attempts"}});
    using Grain = std::uint64_t;
    try_each<Grain>([](Options& o, Grain n) { o.grain = n; }, {{0, "right"},
                                                               {1, "right"},
                                                               {most<Grain>, "right"},
                                                               {most<Grain> - 1, "right"},
                                                               {most<Grain> / 2 + 1, "right"}});
}

// The integers of a chunk, and its begin where it starts the range.
std::uint64_t begin_and_size(Pool& pool, Range range, std::uint64_t grain) {
    Options options;
    options.grain = grain;
    return map_reduce(
               pool, range, Empty{},
               [](const Empty&, const Chunk& chunk) {
                   return static_cast<std::uint64_t>(chunk.size()) +
                          (chunk.index == 0 ? std::uint64_t{chunk.begin} : 0);
               },
               std::plus<>{}, options)
        .value;
}

TEST_P(NumbersOnEveryCrew, OfRangesReachTwoTo64AndNoFurther) {
    constexpr std::uint64_t last = most<std::uint64_t>;
    EXPECT_EQ(begin_and_size(*pool_, {last, last}, 0), 0U) << "no chunk";
    EXPECT_EQ(begin_and_size(*pool_, {last, two_to_64}, 0), last + 1);
    EXPECT_EQ(begin_and_size(*pool_, {last - 1, two_to_64}, last), last + 1);
    EXPECT_EQ(begin_and_size(*pool_, {1, two_to_64}, last), last + 1);
    EXPECT_EQ(begin_and_size(*pool_, {0, two_to_64}, last), 0U) << "2^64, modulo 2^64";
    EXPECT_EQ(begin_and_size(*pool_, {0, two_to_64}, 0), 0U);
    EXPECT_EQ(begin_and_size(*pool_, {3, two_to_64 - 2}, last - 1), last - 1);
    const auto refusal = [&](Range range, std::uint64_t grain) {
        return outcome_of([&] { return begin_and_size(*pool_, range, grain); });
    };
    expect(refusal({0, two_to_64 + 1}, 0), "above 2^64", "2^64 + 1");
    expect(refusal({0, ~uint128{0}}, last), "above 2^64", "2^128 - 1");
    expect(refusal({1, 0}, 0), "below the begin", "reversed");
    expect(refusal({last, 0}, last), "below the begin", "reversed");
    expect(refusal({0, two_to_64}, 1), "smallest grain that fits is 4398046511104", "all");
}

std::string outcome_with_phase(Pool& pool, const PhaseOptions& phase) {
    Phases<Empty> phases;
    phases.add(phase, [](const Empty&, const Chunk&, const PhaseMemory&) {});
    return outcome_of([&] {
        return map_reduce(
                   pool, Range{0, integers}, Empty{}, phases,
                   [](const Empty&, const Chunk& chunk, const PhaseMemory&) {
                       return testing::sum_map(Empty{}, chunk);
                   },
                   std::plus<>{})
            .value;
    });
}

TEST_P(NumbersOnEveryCrew, OfPhases) {
    constexpr std::uint64_t last = most<std::uint64_t>;
    for (const std::size_t bytes :
         {most<std::size_t>, most<std::size_t> - 1, most<std::size_t> - 63,
          most<std::size_t> - 4095, most<std::size_t> / 2 + 1, most<std::size_t> / 2}) {
        expect(outcome_with_phase(*pool_, {.range = {0, 1}, .bytes = bytes}), "no memory",
               std::to_string(bytes));
    }
    expect(outcome_with_phase(*pool_, {.range = {0, 1}, .bytes = 0}), "right", "no bytes");
    expect(outcome_with_phase(*pool_, {.range = {0, 1}, .grain = last}), "right", "grain");
    expect(outcome_with_phase(*pool_, {.range = {last, two_to_64}}), "right", "last integer");
    expect(outcome_with_phase(*pool_, {.range = {0, two_to_64 + 1}}), "above 2^64", "2^64 + 1");
    expect(outcome_with_phase(*pool_, {.range = {0, 1}, .first_chunk = last}), "phase 0", "first");
    expect(outcome_with_phase(*pool_, {.range = {0, 1}, .last_chunk = last}), "right", "last");
    expect(outcome_with_phase(*pool_, {.range = {0, 1}, .first_chunk = 1, .last_chunk = 0}),
           "phase 0", "reversed");
}

TEST_P(NumbersOnEveryCrew, OfArraysAndBlocks) {
    constexpr std::size_t all = most<std::size_t>;
    for (const std::size_t size : {all, all - 1, all / 8, all / 8 - 8, all / 8 + 1, all / 16}) {
        EXPECT_ANY_THROW(static_cast<void>(pool_->array<std::uint64_t>(size))) << size;
    }
    EXPECT_EQ(pool_->array<std::uint64_t>(0).size(), 0U);
    for (const std::size_t alignment : {std::size_t{0}, std::size_t{3}, std::size_t{8192}, all}) {
        EXPECT_THROW(static_cast<void>(pool_->arena()->allocate(8, alignment)),
                     std::invalid_argument)
            << alignment;
    }
    for (const std::size_t bytes : {all, all - 1, all - 4095, all / 2 + 1}) {
        EXPECT_THROW(static_cast<void>(pool_->arena()->allocate(bytes)), std::system_error)
            << bytes;
    }
}

TEST_P(NumbersOnEveryCrew, OfElementsInASpanThatNoMemoryHolds) {
    const auto data = pool_->array<std::uint64_t>(4);
    for (const std::size_t size : {most<std::size_t>, most<std::size_t> / 8 + 2}) {
        const std::string outcome = outcome_of([&] {
            return map_reduce(
                       *pool_, std::span<const std::uint64_t>(data.data(), size), Empty{},
                       [](const Empty&, std::span<const std::uint64_t>, const Chunk&) {
                           return std::uint64_t{0};
                       },
                       std::plus<>{})
                .value;
        });
        expect(outcome, "arena", std::to_string(size));
    }
}

INSTANTIATE_TEST_SUITE_P(Crews, NumbersOnEveryCrew, ::testing::ValuesIn(testing::all_crews));

class NumbersOfAPool : public testing::NothingLeft {
  protected:
    template <typename Number>
    static void try_each(const std::function<void(PoolOptions&, Number)>& set,
                         const std::vector<Try<Number>>& tries) {
        for (const auto& [value, expected] : tries) {
            PoolOptions options{.workers = 1, .pin = "none", .arena_bytes = std::size_t{1} << 26};
            set(options, value);
            const std::string outcome = outcome_of([&] {
                Pool pool(options);
                return map_reduce(pool, Range{0, integers}, Empty{}, testing::sum_map,
                                  std::plus<>{})
                    .value;
            });
            expect(outcome, expected, std::to_string(value));
        }
    }
};

TEST_F(NumbersOfAPool, OfWorkers) {
    try_each<int>([](PoolOptions& o, int n) { o.workers = n; }, {{0, "right"},
                                                                 {1, "right"},
                                                                 {-1, "workers -1"},
                                                                 {max_workers + 1, "workers"},
                                                                 {most<int>, "workers"},
                                                                 {least<int>, "workers"}});
}

TEST_F(NumbersOfAPool, OfBytesOfItsArena) {
    using Bytes = std::size_t;
    try_each<Bytes>([](PoolOptions& o, Bytes n) { o.arena_bytes = n; },
                    {{0, "right"},
                     {1, "right"},
                     {most<Bytes>, "no memory"},
                     {most<Bytes> - 1, "no memory"},
                     {most<Bytes> - 4096, "no memory"},
                     {most<Bytes> / 2 + 1, "no memory"}});
}

TEST_F(NumbersOfAPool, OfBytesOfAWorkersMemory) {
    if (testing::under_asan) {
        GTEST_SKIP() << "the limit is refused under AddressSanitizer";
    }
    using Bytes = std::size_t;
    try_each<Bytes>([](PoolOptions& o, Bytes n) { o.worker_memory_limit = n; },
                    {{0, "right"},
                     {Bytes{1} << 30, "right"},
                     {most<Bytes>, "right"},
                     {most<Bytes> - 1, "right"},
                     {most<Bytes> - (Bytes{1} << 20), "right"},
                     {most<Bytes> - (Bytes{1} << 30), "right"},
                     {most<Bytes> / 2 + 1, "right"}});
}

// A limit that the host has already stays, also for a worker that is given more.
TEST_F(NumbersOfAPool, OfBytesOfAWorkersMemoryNeverRaiseTheHostsOwnLimit) {
    if (testing::under_asan) {
        GTEST_SKIP() << "the limit is refused under AddressSanitizer";
    }
    const std::string told = testing::told_by_host([](const testing::HostProcess::Tell& tell) {
        constexpr rlim_t hosts = rlim_t{1} << 32;
        const rlimit both{hosts, hosts};
        setrlimit(RLIMIT_DATA, &both);
        std::string text;
        for (const std::size_t limit : {most<std::size_t>, std::size_t{1} << 40}) {
            Pool pool({.workers = 1, .pin = "none", .worker_memory_limit = limit});
            const auto in_worker = map_reduce(
                pool, Range{0, 1}, Empty{},
                [](const Empty&, const Chunk&) {
                    rlimit now{};
                    getrlimit(RLIMIT_DATA, &now);
                    return now.rlim_max;
                },
                std::plus<>{});
            text += in_worker.value == hosts ? "kept " : "raised ";
        }
        tell(text);
    });
    EXPECT_EQ(told, "kept kept ");
}

TEST_F(NumbersOfAPool, OfChunksPerWorker) {
    using Chunks = std::uint64_t;
    try_each<Chunks>(
        [](PoolOptions& o, Chunks n) { o.max_chunks_per_worker = n; },
        {{0, "right"}, {100, "right"}, {most<Chunks>, "right"}, {most<Chunks> - 1, "right"}});
}

TEST_F(NumbersOfAPool, OfEnumsThatNameNothing) {
    try_each<int>([](PoolOptions& o, int n) { o.crew = static_cast<Crew>(n); },
                  {{4, "crew"}, {-1, "crew"}, {most<int>, "crew"}});
    Pool pool = testing::make_pool(Crew::serial, 1);
    Options options;
    options.on_poison = static_cast<OnPoison>(2);
    expect(outcome_on(pool, options), "on_poison", "2");
}

}  // namespace
}  // namespace pinfold
