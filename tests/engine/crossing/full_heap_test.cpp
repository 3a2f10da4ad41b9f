// Memory that is short, and workers that die in the middle of a result, on workers of a pool.
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <cstdint>
#include <functional>
#include <pinfold/engine/map_fold.hpp>
#include <pinfold/engine/map_reduce.hpp>
#include <pinfold/shm/crossing.hpp>
#include <pinfold/shm/heap.hpp>
#include <string>
#include <vector>

#include "crews.hpp"
#include "leftovers.hpp"

namespace pinfold {
namespace {

constexpr std::size_t arena_bytes = std::size_t{4} << 20;

class FullHeap : public ::testing::TestWithParam<Crew> {
  protected:
    Pool pool_{{.crew = GetParam(), .workers = 2, .pin = "none", .arena_bytes = arena_bytes}};

    auto run(std::size_t bytes, OnPoison on_poison = OnPoison::fail) {
        return map_fold(
            pool_, Range{0, 100}, bytes,
            [](const std::size_t& size, const Chunk&) { return std::vector<char>(size, 'x'); },
            std::size_t{0}, [](std::size_t& sum, const std::vector<char>& v) { sum += v.size(); },
            {.grain = 1, .on_poison = on_poison});
    }
};

void expect_sizes_in(const ChunkFailure& failure, std::size_t bytes) {
    EXPECT_EQ(failure.exception_type, "pinfold::shm::HeapFull");
    const std::string begin = "the shared heap cannot give ";
    const std::string& text = failure.exception_text;
    ASSERT_TRUE(text.starts_with(begin)) << text;
    const std::size_t asked = std::stoul(text.substr(begin.size()));
    EXPECT_GE(asked, bytes);
    EXPECT_LT(asked, bytes + 100);
    EXPECT_NE(text.find(" leaves "), std::string::npos) << text;
    EXPECT_TRUE(failure.deaths.empty()) << "it is no lack of the worker's own";
    EXPECT_EQ(failure.attempts, 1);
}

TEST_P(FullHeap, FailsTheJobAtOnceWithTheSizesNamed) {
    constexpr std::size_t bytes = 300'000;
    for (const OnPoison on_poison : {OnPoison::fail, OnPoison::skip}) {
        try {
            run(bytes, on_poison);
            ADD_FAILURE() << "there was room for all";
        } catch (const JobFailed& failure) {
            expect_sizes_in(failure.details(), bytes);
        }
        EXPECT_EQ(pool_.arena()->heap()->used_bytes(), 0U);
        const auto small = run(10'000);
        EXPECT_EQ(small.value, 1'000'000U) << "the pool works on";
        EXPECT_EQ(small.report.deaths, 0U);
    }
}

TEST_P(FullHeap, FailsAResultThatIsLargerThanAll) {
    try {
        run(2 * arena_bytes);
        ADD_FAILURE() << "there was room";
    } catch (const JobFailed& failure) {
        expect_sizes_in(failure.details(), 2 * arena_bytes);
    }
    EXPECT_EQ(run(1000).value, 100'000U);
    EXPECT_EQ(pool_.arena()->heap()->used_bytes(), 0U);
}

INSTANTIATE_TEST_SUITE_P(Crews, FullHeap, ::testing::Values(Crew::threads, Crew::processes),
                         [](const auto& crew) { return std::string(to_string(crew.param)); });

/// Ends its worker in the middle of being written, or read, as often as it is told.
struct Deadly {
    shm::Array<int> deaths_left;
    std::string text;

    template <typename Archive>
    void save(Archive& archive) const {
        archive(deaths_left, text);
        if (deaths_left[0] > 0 && --deaths_left[0] == deaths_left[1]) {
            kill(getpid(), SIGKILL);
        }
        archive(text);
    }
    template <typename Archive>
    void load(Archive& archive) {
        std::string again;
        archive(deaths_left, text, again);
    }
};

class WorkerThatDies : public testing::NothingLeft {};

TEST_F(WorkerThatDies, WhileItWritesAResultLeavesNothing) {
    Pool pool = testing::make_pool(Crew::processes, 2);
    const auto deaths = pool.array<int>(2);
    // The worker dies in its n-th writing: the first one of a result, or the second into a block.
    for (int n = 1; n <= 12; ++n) {
        deaths[0] = n;
        deaths[1] = 0;
        const auto length = map_fold(
            pool, Range{0, 8},
            [deaths](const Chunk& chunk) {
                return Deadly{deaths, std::string(1 + 20 * chunk.index, 'x')};
            },
            std::size_t{0}, [](std::size_t& sum, const Deadly& next) { sum += next.text.size(); },
            {.grain = 1});
        EXPECT_EQ(length.value, 8 + 20U * 28);
        EXPECT_EQ(pool.arena()->heap()->used_bytes(), 0U);
    }
}

/// The same for a map that throws once its result is half written.
struct Throwing {
    std::string text;

    template <typename Archive>
    void save(Archive& archive) const {
        archive(text);
        if (text.size() > 1000) {
            throw std::length_error("too long to be written");
        }
    }
    template <typename Archive>
    void load(Archive& archive) {
        archive(text);
    }
};

TEST(AResultThatCannotBeWritten, FailsTheJobAsItsMapWould) {
    for (const Crew crew : testing::all_crews) {
        Pool pool = testing::make_pool(crew, 2);
        try {
            map_fold(
                pool, Range{0, 100},
                [](const Chunk& chunk) { return Throwing{std::string(20 * chunk.index, 'x')}; }, 0,
                [](int&, const Throwing&) {}, {.grain = 1});
            ADD_FAILURE() << "it was written";
        } catch (const JobFailed& failure) {
            EXPECT_EQ(failure.details().exception_text, "too long to be written");
        }
        const shm::Heap* const heap = pool.arena()->heap();
        EXPECT_EQ(heap == nullptr ? 0 : heap->used_bytes(), 0U);
    }
}

}  // namespace
}  // namespace pinfold
