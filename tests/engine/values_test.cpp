// Values of unusual sizes and alignments: what maps return, what jobs and folds hold.
#include <gtest/gtest.h>
#include <pthread.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <pinfold/engine/map_reduce.hpp>
#include <stdexcept>
#include <vector>

#include "crews.hpp"
#include "leftovers.hpp"
#include "process_tree.hpp"

namespace pinfold {
namespace {

using testing::Empty;

template <std::size_t Bytes>
struct Large {
    std::array<std::uint64_t, Bytes / 8> words;
};

// NOLINTBEGIN(cppcoreguidelines-pro-type-member-init): what is large is filled, not cleared first.

template <typename Value>
Value of_chunk(const Chunk& chunk) {
    Value value;
    value.words.fill(chunk.index + 1);
    return value;
}

template <typename Value>
void add(Value& sum, const Value& part) {
    for (std::size_t i = 0; i < sum.words.size(); ++i) {
        sum.words[i] += part.words[i];
    }
}

/// Folds that hold no value in their frames.
template <typename Value>
struct InPlace {
    Value&& operator()(Value&& sum, const Value& part) const {
        add(sum, part);
        return std::move(sum);
    }
};
template <typename Value>
struct IntoANewOne {
    Value operator()(const Value& sum, const Value& part) const {
        Value value;
        for (std::size_t i = 0; i < sum.words.size(); ++i) {
            value.words[i] = sum.words[i] + part.words[i];
        }
        return value;
    }
};
// NOLINTEND(cppcoreguidelines-pro-type-member-init)

/// What makes a job of four chunks a job of 1 + 2 + 3 + 4.
template <typename Value>
JobOptions<Value>& in_four() {
    static JobOptions<Value> options;
    options.grain = 1;
    return options;
}

template <typename Value>
bool is_all(const Value& value, std::uint64_t expected) {
    return std::ranges::all_of(value.words, [&](std::uint64_t word) { return word == expected; });
}

template <typename Value>
using OnHeap = std::unique_ptr<const JobResult<Value>>;

/// Calls `body` in a thread with a stack of this size, in which no large value may lie.
template <typename Body>
void in_thread_with_stack(std::size_t bytes, Body body) {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    ASSERT_EQ(pthread_attr_setstacksize(&attributes, bytes), 0);
    pthread_t thread{};
    ASSERT_EQ(pthread_create(
                  &thread, &attributes,
                  [](void* of_thread) -> void* {
                      (*static_cast<Body*>(of_thread))();
                      return nullptr;
                  },
                  &body),
              0);
    pthread_join(thread, nullptr);
    pthread_attr_destroy(&attributes);
}

constexpr std::size_t small_stack = std::size_t{512} << 10;

class ValuesOfEveryCrew : public testing::NothingLeft, public ::testing::WithParamInterface<Crew> {
  protected:
    template <std::size_t Bytes, template <typename> typename Fold>
    static void expect_sum() {
        using Value = Large<Bytes>;
        Pool pool = testing::make_pool(GetParam(), 2);
        in_thread_with_stack(small_stack, [&] {
            const OnHeap<Value> result(new JobResult<Value>(map_reduce(
                pool, Range{0, 4}, Empty{},
                [](const Empty&, const Chunk& chunk) { return of_chunk<Value>(chunk); },
                Fold<Value>{}, in_four<Value>())));
            EXPECT_TRUE(is_all(result->value, 10)) << Bytes;
        });
    }
};

TEST_P(ValuesOfEveryCrew, MayBeLargerThanTheStackOfWhoeverMapsAndFolds) {
    expect_sum<std::size_t{4} << 10, InPlace>();
    expect_sum<std::size_t{2} << 20, InPlace>();
    expect_sum<std::size_t{2} << 20, IntoANewOne>();
    expect_sum<std::size_t{8} << 20, InPlace>();
    expect_sum<std::size_t{8} << 20, IntoANewOne>();
    expect_sum<std::size_t{64} << 20, InPlace>();
    expect_sum<std::size_t{64} << 20, IntoANewOne>();
}

// The stack of an ordinary host, whose own frames hold the result and the fold's copy of it.
TEST_P(ValuesOfEveryCrew, MayBeOf2MiBInFramesOfTheUser) {
    using Value = Large<std::size_t{2} << 20>;
    Pool pool = testing::make_pool(GetParam(), 2);
    // Unoptimised code, as sanitizers have it here, keeps each copy in a place of its own.
    const std::size_t stack = std::size_t{testing::under_asan ? 32U : 8U} << 20;
    in_thread_with_stack(stack, [&] {
        const auto result = map_reduce(
            pool, Range{0, 4}, Empty{},
            [](const Empty&, const Chunk& chunk) { return of_chunk<Value>(chunk); },
            [](Value sum, const Value& part) {
                add(sum, part);
                return sum;
            });
        EXPECT_TRUE(is_all(result.value, 10));
    });
}

TEST_P(ValuesOfEveryCrew, AreFoldedFromAnInitOfAnySizeAndFromZerosWithoutOne) {
    using Value = Large<std::size_t{2} << 20>;
    Pool pool = testing::make_pool(GetParam(), 2);
    const auto map = [](const Empty&, const Chunk& chunk) { return of_chunk<Value>(chunk); };
    const auto options = std::make_unique<JobOptions<Value>>();
    options->init.words.fill(100);
    for (const std::uint64_t chunks : {0U, 1U, 2U, 3U}) {
        options->grain = 1;
        in_thread_with_stack(small_stack, [&] {
            const OnHeap<Value> from_init(new JobResult<Value>(
                map_reduce(pool, Range{0, chunks}, Empty{}, map, IntoANewOne<Value>{}, *options)));
            EXPECT_TRUE(is_all(from_init->value, 100 + chunks * (chunks + 1) / 2)) << chunks;
            const OnHeap<Value> from_zeros(new JobResult<Value>(
                map_reduce(pool, Range{0, chunks}, Empty{}, map, InPlace<Value>{})));
            EXPECT_TRUE(is_all(from_zeros->value, chunks * (chunks + 1) / 2)) << chunks;
        });
    }
}

TEST_P(ValuesOfEveryCrew, OfDataJobsAndTheJobsThemselvesMayBeLarge) {
    using Value = Large<std::size_t{8} << 20>;
    Pool pool = testing::make_pool(GetParam(), 2);
    const auto data = pool.array<std::uint64_t>(4);
    const auto out = pool.array<std::uint64_t>(4);
    const auto job = std::make_unique<Value>();
    job->words.fill(3);
    std::fill(data.begin(), data.end(), 2);
    in_thread_with_stack(small_stack, [&] {
        const OnHeap<Value> result(new JobResult<Value>(map_reduce(
            pool, data, *job,
            [](const Value& shared, std::span<const std::uint64_t> part, const Chunk& chunk) {
                Value value = of_chunk<Value>(chunk);
                value.words[0] += shared.words.back() * part.front();
                return value;
            },
            InPlace<Value>{}, in_four<Value>())));
        EXPECT_EQ(result->value.words.front(), 10 + 4 * 6U);
        EXPECT_EQ(result->value.words.back(), 10U);
        transform_chunks(pool, data, out, *job,
                         [](const Value& shared, std::span<const std::uint64_t> from,
                            std::span<std::uint64_t> to, const Chunk&) {
                             for (std::size_t i = 0; i < to.size(); ++i) {
                                 to[i] = from[i] + shared.words.back();
                             }
                         });
        EXPECT_EQ(out[3], 5U);
    });
}

TEST_P(ValuesOfEveryCrew, OfJobsWithPhasesMayBeLarge) {
    using Value = Large<std::size_t{8} << 20>;
    Pool pool = testing::make_pool(GetParam(), 2);
    Phases<Empty> phases;
    phases.add({.range = {0, 1}, .bytes = sizeof(std::uint64_t)},
               [](const Empty&, const Chunk&, const PhaseMemory& memory) {
                   memory.of<std::uint64_t>(0)[0] = 5;
               });
    in_thread_with_stack(small_stack, [&] {
        const OnHeap<Value> result(new JobResult<Value>(map_reduce(
            pool, Range{0, 4}, Empty{}, phases,
            [](const Empty&, const Chunk&, const PhaseMemory& memory) {
                return of_chunk<Value>({{}, memory.of<std::uint64_t>(0)[0]});
            },
            IntoANewOne<Value>{}, in_four<Value>())));
        EXPECT_TRUE(is_all(result->value, 24));
    });
}

TEST_P(ValuesOfEveryCrew, StayAsTheyAreWhenTheFoldThrows) {
    using Value = Large<std::size_t{2} << 20>;
    Pool pool = testing::make_pool(GetParam(), 2);
    in_thread_with_stack(small_stack, [&] {
        int folds = 0;
        const auto fold = [&](const Value&, const Value& part) {
            if (++folds == 3) {
                throw std::runtime_error("three is enough");
            }
            return Value(part);
        };
        EXPECT_THROW(OnHeap<Value>(new JobResult<Value>(map_reduce(
                         pool, Range{0, 4}, Empty{},
                         [](const Empty&, const Chunk& chunk) { return of_chunk<Value>(chunk); },
                         fold, in_four<Value>()))),
                     std::runtime_error);
    });
}

/// A value that knows where it lies.
template <std::size_t Alignment>
struct alignas(Alignment) Aligned {
    std::uint64_t misplaced = 0;  // how many were, of those that were looked at
};

/// 1 for an address that is not aligned so. The compiler takes the alignment of a type for granted,
/// so it may not know where the address comes from.
[[gnu::noinline]] std::uint64_t is_misplaced(const void* at, std::size_t alignment) {
    asm("" : "+r"(at));
    return reinterpret_cast<std::uintptr_t>(at) % alignment != 0 ? 1 : 0;
}

template <std::size_t Alignment>
struct FoldAligned {
    using Value = Aligned<Alignment>;
    Value operator()(const Value& sum, const Value& part) const {
        return {sum.misplaced + part.misplaced + is_misplaced(&sum, Alignment) +
                is_misplaced(&part, Alignment)};
    }
};

template <std::size_t Alignment>
std::uint64_t misplaced_in_jobs(Pool& pool) {
    using Value = Aligned<Alignment>;
    Phases<Value> phases;
    phases.add({.range = {0, 2}, .grain = 1, .bytes = 2 * sizeof(Value)},
               [](const Value& job, const Chunk& chunk, const PhaseMemory& memory) {
                   Value& left = memory.of<Value>(0)[chunk.index];
                   left.misplaced = is_misplaced(&left, Alignment) + is_misplaced(&job, Alignment);
               });
    phases.add({.range = {0, 1}, .bytes = 1},
               [](const Value&, const Chunk&, const PhaseMemory&) {});
    phases.add({.range = {0, 1}, .bytes = sizeof(Value)},
               [](const Value&, const Chunk&, const PhaseMemory& memory) {
                   Value& left = memory.of<Value>(2)[0];
                   left.misplaced = is_misplaced(&left, Alignment);
               });
    return map_reduce(
               pool, Range{0, 3}, Value{}, phases,
               [](const Value& job, const Chunk&, const PhaseMemory& memory) {
                   Value value;
                   value.misplaced =
                       is_misplaced(&value, Alignment) + is_misplaced(&job, Alignment) +
                       memory.of<Value>(0)[0].misplaced + memory.of<Value>(0)[1].misplaced +
                       memory.of<Value>(2)[0].misplaced;
                   return value;
               },
               FoldAligned<Alignment>{})
        .value.misplaced;
}

template <std::size_t Alignment>
std::uint64_t misplaced_in_data(Pool& pool) {
    using Value = Aligned<Alignment>;
    const auto data = pool.array<Value>(5);
    const auto out = pool.array<Value>(5);
    transform_chunks(
        pool, data, out, Value{},
        [](const Value& job, std::span<const Value> from, std::span<Value> to, const Chunk&) {
            for (std::size_t i = 0; i < to.size(); ++i) {
                to[i].misplaced = is_misplaced(&job, Alignment) +
                                  is_misplaced(&from[i], Alignment) +
                                  is_misplaced(&to[i], Alignment);
            }
        });
    return map_reduce(
               pool, out, Value{},
               [](const Value& job, std::span<const Value> part, const Chunk&) {
                   Value value{is_misplaced(&job, Alignment)};
                   for (const Value& element : part) {
                       value.misplaced += element.misplaced;
                   }
                   return value;
               },
               FoldAligned<Alignment>{})
        .value.misplaced;
}

template <std::size_t... Alignments>
std::uint64_t misplaced_on(Pool& pool) {
    return ((misplaced_in_jobs<Alignments>(pool) + misplaced_in_data<Alignments>(pool)) + ...);
}

// The memory of one job serves the next, which may be of another alignment.
TEST_P(ValuesOfEveryCrew, LieWhereTheirAlignmentSays) {
    Pool pool = testing::make_pool(GetParam(), 2);
    for (int round = 0; round < 3; ++round) {
        EXPECT_EQ((misplaced_on<8, 128, 16, 4096, 64, 256, 32, 2048, 512, 1024>(pool)), 0U);
        const auto in_between = pool.array<char>(100);
    }
}

INSTANTIATE_TEST_SUITE_P(Crews, ValuesOfEveryCrew, ::testing::ValuesIn(testing::all_crews));

TEST(ValuesOfForkedJobs, MayBeLargerThanAStack) {
    using Value = Large<std::size_t{8} << 20>;
    const std::uint64_t more = 5;
    in_thread_with_stack(small_stack, [&] {
        const OnHeap<Value> result(new JobResult<Value>(map_reduce_forked(
            {.workers = 2, .pin = "none"}, Range{0, 4},
            [&](const Chunk& chunk) {
                return of_chunk<Value>({{}, chunk.index + more});
            },
            InPlace<Value>{}, in_four<Value>())));
        EXPECT_TRUE(is_all(result->value, 30));
    });
}

TEST(ValuesOfForkedJobs, LieWhereTheirAlignmentSays) {
    using Value = Aligned<4096>;
    const Value captured{1};
    const auto result = map_reduce_forked(
        {.workers = 2, .pin = "none"}, Range{0, 9},
        [&](const Chunk&) { return Value{captured.misplaced - 1 + is_misplaced(&captured, 4096)}; },
        FoldAligned<4096>{});
    EXPECT_EQ(result.value.misplaced, 0U);
}

}  // namespace
}  // namespace pinfold
