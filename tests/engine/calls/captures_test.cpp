#include <gtest/gtest.h>
#include <sys/mman.h>

#include <array>
#include <functional>
#include <pinfold/pinfold.hpp>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "on_each_crew.hpp"
#include "shared.hpp"

namespace pinfold {
namespace {

int written_global = 7;
constexpr std::array<int, 4> constants{2, 3, 5, 7};

class Captures : public testing::OnEachCrew {
  protected:
    Captures() : OnEachCrew(2) {}

    /// What becomes of a map: the sum of what it returns for five chunks, or its refusal.
    template <typename Map>
    std::string outcome(const Map& map) {
        try {
            return std::to_string(
                map_reduce(pool, Range{0, 5}, map, std::plus<>{}, {.grain = 1}).value);
        } catch (const std::invalid_argument& e) {
            const std::string_view text = e.what();
            return std::string(text.substr(0, text.find(" (0x")));
        }
    }
};

struct Functor {
    int factor;
    std::array<int, 3> more{};

    int operator()(const Chunk& chunk) const { return factor * static_cast<int>(chunk.index); }
};

int index_of(const Chunk& chunk) {
    return static_cast<int>(chunk.index);
}

struct Owner {
    int factor = 3;

    [[nodiscard]] auto by_pointer() {
        return [this](const Chunk& chunk) { return factor * index_of(chunk); };
    }
    [[nodiscard]] auto by_value() {
        return [*this](const Chunk& chunk) { return factor * index_of(chunk); };
    }
};

TEST_P(Captures, OfValuesCross) {
    int factor = 3;
    const std::pair<int, int> pair{1, 2};
    const std::array<int, 2> array{1, 2};
    bool flag = true;
    EXPECT_EQ(outcome([factor](const Chunk& c) { return factor * index_of(c); }), "30");
    EXPECT_EQ(outcome([=](const Chunk& c) { return flag ? factor * index_of(c) : 0; }), "30");
    EXPECT_EQ(outcome([pair](const Chunk& c) { return pair.first + pair.second + index_of(c); }),
              "25");
    EXPECT_EQ(outcome([array](const Chunk& c) { return array[1] * index_of(c); }), "20");
    EXPECT_EQ(outcome(Owner().by_value()), "30");
    EXPECT_EQ(outcome(Functor{4}), "40");
    EXPECT_EQ(outcome(index_of), "10");
    EXPECT_EQ(outcome(&index_of), "10");
}

TEST_P(Captures, OfAnArrayShareItsElements) {
    const auto squares = pool.array<int>(5);
    for_each(pool, Range{0, 5}, [squares](auto k) { squares[k] = static_cast<int>(k * k); });
    EXPECT_EQ(outcome([squares](const Chunk& c) { return squares[c.begin]; }), "30");
    EXPECT_EQ(outcome([s = squares.span()](const Chunk& c) { return s[c.begin]; }), "30");
    EXPECT_EQ(outcome([p = squares.data()](const Chunk& c) { return p[c.begin]; }), "30");
}

TEST_P(Captures, OfWhatEachProcessHasCross) {
    const char* const text = "hello";
    EXPECT_EQ(outcome([text](const Chunk& c) { return int{text[c.begin]}; }), "532");
    EXPECT_EQ(outcome([p = constants.data()](const Chunk&) { return p[1]; }), "15");
    EXPECT_EQ(outcome([f = &index_of](const Chunk& c) { return f(c); }), "10");
    EXPECT_EQ(
        outcome([p = static_cast<int*>(nullptr)](const Chunk&) { return p == nullptr ? 1 : 0; }),
        "5");
}

TEST_P(Captures, OfMemoryThatWasSharedBeforeThePoolCross) {
    const testing::Shared<int> shared;
    *shared = 6;
    Pool later = testing::make_pool(GetParam(), 1);
    const auto sum = map_reduce(
        later, Range{0, 1}, [p = shared.get()](const Chunk&) { return *p; }, std::plus<>{});
    EXPECT_EQ(sum.value, 6);
}

/// The sanitizers' heaps are no [heap] of the system's.
bool is_of_heap(const std::string& outcome) {
    return outcome == "the map holds a pointer into the heap" ||
           outcome == "the map holds a pointer into private memory";
}

TEST_P(Captures, OfPrivateMemoryAreRefused) {
    int local = 1;
    const std::vector<int> heap(1000);
    const std::vector<int> large(10'000'000);
    Owner owner;
    const auto large_map = [p = std::span(large)](const Chunk&) { return p[0]; };
    const auto local_map = [p = &local](const Chunk&) { return *p; };
    EXPECT_EQ(outcome(local_map), "the map holds a pointer into the stack");
    EXPECT_EQ(outcome(owner.by_pointer()), "the map holds a pointer into the stack");
    EXPECT_EQ(outcome([r = std::ref(local)](const Chunk&) { return r.get(); }),
              "the map holds a pointer into the stack");
    EXPECT_TRUE(is_of_heap(outcome([p = heap.data()](const Chunk&) { return p[0]; })));
    EXPECT_EQ(outcome(large_map), "the map holds a pointer into private memory");
    EXPECT_TRUE(outcome([p = &written_global](const Chunk&) {
                    return *p;
                }).starts_with("the map holds a pointer into the globals of /"));
}

TEST_P(Captures, OfMemoryThatWasMappedLaterAreRefusedByProcessesAlone) {
    const testing::Shared<int> shared;
    *shared = 6;
    Pool other({.crew = Crew::serial});
    const auto elsewhere = other.array(std::vector<int>{6});
    const char* const expected =
        GetParam() == Crew::processes
            ? "the map holds a pointer into memory that was mapped after the pool was made, such "
              "as another pool's arena"
            : "30";
    EXPECT_EQ(outcome([p = shared.get()](const Chunk&) { return *p; }), expected);
    EXPECT_EQ(outcome([elsewhere](const Chunk&) { return elsewhere[0]; }), expected);
}

TEST_P(Captures, AreTrustedWhereTheCallerSaysSo) {
    const std::vector<int> before_the_pool{3};
    Pool later = testing::make_pool(GetParam(), 1);
    const auto by_reference = [&](const Chunk&) { return before_the_pool[0]; };
    EXPECT_EQ(map_reduce(later, Range{0, 1}, trust(by_reference), std::plus<>{}).value, 3);
    const auto plus_three = [p = before_the_pool.data()](std::uint64_t k) {
        return p[0] + static_cast<int>(k);
    };
    EXPECT_EQ(transform_reduce(later, Range{0, 2}, 0, std::plus<>{}, trust(plus_three)).value, 7);
    EXPECT_EQ(map_reduce(
                  later, Range{0, 1}, trust(before_the_pool.data()),
                  [](const int* p, const Chunk&) { return *p; }, std::plus<>{})
                  .value,
              3);
}

TEST_P(Captures, OfJobsAndFunctionsAreLookedAtToo) {
    int local = 0;
    struct Job {
        std::uint64_t n;
        int* p;
    };
    const auto refusal = [](const auto& call) {
        try {
            call();
        } catch (const std::invalid_argument& e) {
            const std::string_view text = e.what();
            return std::string(text.substr(0, text.find(" holds")));
        }
        return std::string("accepted");
    };
    const auto map = [](const Job& job, const Chunk&) { return *job.p; };
    const auto add = [p = &local](std::uint64_t a, std::uint64_t b) {
        return a + b + (p == nullptr);
    };
    EXPECT_EQ(refusal([&] {
                  map_reduce(pool, Range{0, 1}, Job{1, &local}, map, std::plus<>{});
              }),
              "the job");
    EXPECT_EQ(refusal([&] {
                  for_each(pool, Range{0, 1}, [p = &local](auto) { *p = 1; });
              }),
              "the function");
    EXPECT_EQ(refusal([&] { reduce(pool, Range{0, 1}, std::uint64_t{0}, add); }), "the reduction");
}

// What padding holds is not the caller's doing.
TEST_P(Captures, AreNotTakenForPointersByTheirPadding) {
    struct Job {
        std::span<const int> numbers;
        bool flag;
    };
    int local = 0;
    const auto numbers = pool.array(std::vector<int>{2});
    alignas(Job) std::array<unsigned char, sizeof(Job)> bytes;
    const auto stale = reinterpret_cast<std::uintptr_t>(&local);
    for (std::size_t at = 0; at < sizeof(Job); at += sizeof stale) {
        __builtin_memcpy(bytes.data() + at, &stale, sizeof stale);
    }
    auto* const job = new (bytes.data()) Job;
    job->numbers = numbers.span();
    job->flag = true;
    const auto sum = map_reduce(
        pool, Range{0, 1}, *job,
        [](const Job& j, const Chunk&) { return j.flag ? j.numbers[0] : 0; }, std::plus<>{});
    EXPECT_EQ(sum.value, 2);
}

INSTANTIATE_TEST_SUITE_P(OfEachCrew, Captures, ::testing::ValuesIn(testing::all_crews),
                         [](const auto& param) { return std::string(to_string(param.param)); });

}  // namespace
}  // namespace pinfold
