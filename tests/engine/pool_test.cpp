// A Pool as an object: made from {}, moved, moved from, swapped.
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <numeric>
#include <optional>
#include <pinfold/engine/algorithms.hpp>
#include <pinfold/shm/host_only_memory.hpp>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "crews.hpp"
#include "leftovers.hpp"

namespace pinfold {
namespace {

using testing::Empty;

static_assert(std::is_nothrow_move_constructible_v<Pool>);
static_assert(std::is_nothrow_move_assignable_v<Pool>);
static_assert(!std::is_copy_constructible_v<Pool> && !std::is_copy_assignable_v<Pool>);
static_assert(std::is_default_constructible_v<Pool>);
static_assert(!std::is_convertible_v<PoolOptions, Pool>);

std::uint64_t sum(Pool& pool) {
    return map_reduce(pool, Range{0, 1000}, Empty{}, testing::sum_map, std::plus<>{}).value;
}

class PoolsOfEveryCrew : public testing::NothingLeft, public ::testing::WithParamInterface<Crew> {
  protected:
    static Pool make(int workers = 2) { return testing::make_pool(GetParam(), workers); }
};

void expect_logic_error(const std::function<void()>& use) {
    try {
        use();
        ADD_FAILURE() << "no error";
    } catch (const std::logic_error& e) {
        EXPECT_NE(std::string(e.what()).find("after it was moved from"), std::string::npos)
            << e.what();
    }
}

/// Whatever a moved-from pool can be asked.
void expect_empty(Pool& pool) {
    EXPECT_EQ(pool.crew(), Crew::serial);
    EXPECT_EQ(pool.workers(), 0);
    expect_logic_error([&] { static_cast<void>(pool.arena()); });
    expect_logic_error([&] { static_cast<void>(pool.array<int>(3)); });
    expect_logic_error([&] { sum(pool); });
    int number = 0;
    expect_logic_error([&] {
        map_reduce(
            pool, Range{0, 1}, &number, [](int* const&, const Chunk&) { return 0; }, std::plus<>{});
    });
    Phases<Empty> phases;
    phases.add({.range = {0, 1}}, [](const Empty&, const Chunk&, const PhaseMemory&) {});
    expect_logic_error([&] {
        map_reduce(
            pool, Range{0, 1}, Empty{}, phases,
            [](const Empty&, const Chunk&, const PhaseMemory&) { return 0; }, std::plus<>{});
    });
    Pool other = testing::make_pool(Crew::serial, 1);
    const auto data = other.array<int>(3);
    const auto out = other.array<int>(3);
    expect_logic_error([&] {
        map_reduce(
            pool, data, Empty{}, [](const Empty&, std::span<const int>, const Chunk&) { return 0; },
            std::plus<>{});
    });
    expect_logic_error([&] {
        transform_chunks(pool, data, out, Empty{},
                         [](const Empty&, std::span<const int>, std::span<int>, const Chunk&) {});
    });
}

TEST_P(PoolsOfEveryCrew, SayThatTheyWereMovedFrom) {
    Pool first = make();
    auto array = first.array<int>(10);
    Pool second(std::move(first));
    expect_empty(first);
    EXPECT_EQ(sum(second), testing::sum_below(1000));
    Pool third = make(1);
    third = std::move(second);
    expect_empty(second);
    EXPECT_EQ(third.crew(), GetParam());
    EXPECT_EQ(sum(third), testing::sum_below(1000));
    array[9] = 3;  // its arena lives with the pool that it was moved to
    second = std::move(third);
    EXPECT_EQ(sum(second), testing::sum_below(1000));
    expect_empty(third);
}

TEST_P(PoolsOfEveryCrew, MayBeSwappedKeptInContainersAndMovedToThemselves) {
    Pool a = make(1);
    Pool b = make(2);
    const int workers_of_b = b.workers();
    std::swap(a, b);
    EXPECT_EQ(a.workers(), workers_of_b);
    EXPECT_EQ(b.workers(), 1);
    EXPECT_EQ(sum(a) + sum(b), 2 * testing::sum_below(1000));

    std::vector<Pool> pools;
    for (int i = 0; i < 5; ++i) {
        pools.push_back(make(1));
    }
    pools.erase(pools.begin() + 1);
    for (Pool& pool : pools) {
        EXPECT_EQ(sum(pool), testing::sum_below(1000));
    }

    Pool& same = a;
    a = std::move(same);
    EXPECT_EQ(sum(a), testing::sum_below(1000));

    std::optional<Pool> maybe(std::move(a));
    maybe.reset();
    expect_empty(a);
    Pool from_empty(std::move(a));
    expect_empty(from_empty);
    b = std::move(from_empty);  // ends its workers
    expect_empty(b);
}

TEST_P(PoolsOfEveryCrew, AreMovedByTheFoldOfTheirOwnJob) {
    Pool pool = make();
    std::optional<Pool> kept;
    const auto result = map_reduce(
        pool, Range{0, 3}, Empty{}, [](const Empty&, const Chunk&) { return 1; },
        [&](int a, int b) {
            if (!kept) {
                kept.emplace(std::move(pool));
            }
            return a + b;
        });
    EXPECT_EQ(result.value, 3);
    expect_empty(pool);
    EXPECT_EQ(sum(*kept), testing::sum_below(1000));
}

/// An arena for arrays alone: that of a pool also has what jobs keep. It is made before the pool,
/// so workers see it.
std::shared_ptr<shm::Arena> own_arena() {
    return std::make_shared<shm::Arena>(shm::ArenaOptions{.bytes = std::size_t{1} << 20});
}

TEST_P(PoolsOfEveryCrew, HaveArraysThatMapsCopy) {
    const auto arena = own_arena();
    Pool pool = make();
    {
        std::optional<shm::Array<int>> array(std::in_place, arena, 1000);
        const int* const elements = array->data();
        const auto write = [numbers = *array](std::uint64_t k) {
            const shm::Array<int> copy = numbers;
            shm::Array<int> other = copy;
            other = shm::Array<int>();
            copy[k] = 1;
        };
        array.reset();  // the map alone holds them
        for_each(pool, Range{0, 1000}, write);
        EXPECT_EQ(std::accumulate(elements, elements + 1000, 0), 1000);
        EXPECT_GT(arena->used_bytes(), 1000 * sizeof(int));
    }
    EXPECT_EQ(arena->used_bytes(), 0U);
}

INSTANTIATE_TEST_SUITE_P(Crews, PoolsOfEveryCrew, ::testing::ValuesIn(testing::all_crews));

class Pools : public testing::NothingLeft {};

TEST_F(Pools, AreMadeFromEmptyBraces) {
    Pool parentheses({});
    EXPECT_EQ(sum(parentheses), testing::sum_below(1000));
    Pool braces{{}};
    EXPECT_EQ(sum(braces), testing::sum_below(1000));
    const Pool nothing;
    const Pool empty{};
    const Pool options(PoolOptions{});
    for (const Pool* pool :
         {&std::as_const(parentheses), &std::as_const(braces), &nothing, &empty, &options}) {
        EXPECT_EQ(pool->crew(), Crew::processes);
        EXPECT_EQ(pool->workers(), nothing.workers());
    }
    const auto on_heap = std::make_unique<Pool>();
    EXPECT_EQ(on_heap->workers(), nothing.workers());
}

TEST_F(Pools, HaveWorkersWithoutWhatTheirHostKeepsForItself) {
    std::vector<std::byte> data(std::size_t{1} << 20);
    const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
    const auto middle = reinterpret_cast<std::uintptr_t>(data.data() + data.size() / 2);
    const auto pages_that_a_worker_has = [&] {
        Pool pool({.crew = Crew::processes, .workers = 1});
        return map_reduce(
                   pool, Range{0, 1}, middle / page * page,
                   [](std::uintptr_t address, const Chunk&) {
                       unsigned char is_in_memory = 0;
                       return mincore(reinterpret_cast<void*>(address), 1, &is_in_memory) == 0 ? 1
                                                                                               : 0;
                   },
                   std::plus<>{})
            .value;
    };
    {
        const shm::HostOnlyMemory kept(data);
        EXPECT_EQ(pages_that_a_worker_has(), 0);
    }
    EXPECT_EQ(pages_that_a_worker_has(), 1);
}

TEST_F(Pools, KeepArraysOfWhichWorkersDieWithCopies) {
    const auto arena = own_arena();
    Pool pool({.crew = Crew::processes, .workers = 2});
    {
        const shm::Array<int> starts(arena, 4);
        const auto report = for_each(pool, Range{0, 4},
                                     [starts](auto k) {
                                         const shm::Array<int> copy = starts;
                                         if (std::atomic_ref(copy[k]).fetch_add(1) == 0) {
                                             raise(SIGKILL);
                                         }
                                     },
                                     {.grain = 1});
        EXPECT_EQ(report.deaths, 4U);
        EXPECT_EQ(std::vector<int>(starts.begin(), starts.end()), std::vector<int>(4, 2));
    }
    EXPECT_EQ(arena->used_bytes(), 0U);
}

TEST_F(Pools, CopyContainersIntoArrays) {
    Pool pool = testing::make_pool(Crew::serial, 1);
    const auto expect = [](const auto& array, const auto& elements) {
        ASSERT_EQ(array.size(), std::size(elements));
        EXPECT_TRUE(std::equal(array.begin(), array.end(), std::begin(elements)));
    };
    std::vector<double> numbers(1000);
    std::iota(numbers.begin(), numbers.end(), 0.5);
    const shm::Array<double> array = pool.array(numbers);
    expect(array, numbers);
    expect(pool.array(std::as_const(numbers)), numbers);
    expect(pool.array(std::vector<double>(numbers)), numbers);
    expect(pool.array(std::span(numbers).first(10)), std::span(numbers).first(10));

    const std::vector<bool> bits{true, false, true};
    const shm::Array<bool> copied_bits = pool.array(bits);
    expect(copied_bits, bits);
    const std::list<int> list{3, 1, 2};
    expect(pool.array(list), list);
    const std::deque<int> deque{3, 1, 2};
    expect(pool.array(deque), deque);
    const std::array<std::uint8_t, 3> bytes{3, 1, 2};
    expect(pool.array(bytes), bytes);
    const std::string text = "a text";
    const shm::Array<char> characters = pool.array(text);
    expect(characters, text);
    expect(pool.array(std::string_view(text)), text);
    const float plain[] = {1, 2, 3};
    expect(pool.array(plain), plain);
    const shm::Array<int> listed = pool.array({3, 1, 2});
    expect(listed, list);
    EXPECT_TRUE(pool.array(std::vector<int>()).empty());

    const shm::Array<double> own = pool.array(array);  // elements of its own
    expect(own, numbers);
    EXPECT_NE(own.data(), array.data());
    EXPECT_EQ(pool.array<std::uint64_t>(100).size(), 100U);
}

/// Numbers of which the sixth cannot be read.
struct Faulty {
    struct Iterator {
        using value_type = int;
        using difference_type = std::ptrdiff_t;

        int operator*() const { return at < 5 ? at : throw std::runtime_error("cannot be read"); }
        Iterator& operator++() {
            ++at;
            return *this;
        }
        void operator++(int) { ++at; }
        bool operator==(const Iterator&) const = default;

        int at = 0;
    };

    [[nodiscard]] static Iterator begin() { return {0}; }
    [[nodiscard]] static Iterator end() { return {100}; }
    [[nodiscard]] static std::size_t size() { return 100; }
};

TEST_F(Pools, LeakNothingWhenAContainerCannotBeRead) {
    Pool pool = testing::make_pool(Crew::serial, 1);
    const std::size_t before = pool.arena()->used_bytes();
    EXPECT_THROW(static_cast<void>(pool.array(Faulty())), std::runtime_error);
    EXPECT_EQ(pool.arena()->used_bytes(), before);
}

TEST_F(Pools, HaveArenasThatAreMadeFromEmptyBraces) {
    shm::Arena arena({});
    EXPECT_GT(arena.reserved_bytes(), 0U);
    EXPECT_NE(arena.allocate(1), nullptr);
}

}  // namespace
}  // namespace pinfold
