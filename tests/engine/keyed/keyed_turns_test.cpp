// Keyed jobs of more threads than a pool has boards.
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <pinfold/engine/keyed/keyed.hpp>
#include <stop_token>
#include <thread>
#include <vector>

#include "on_each_crew.hpp"

namespace pinfold {
namespace {

struct Large {
    std::uint64_t count = 1;
    std::array<std::uint64_t, 2047> beside{};
};

constexpr auto add_large = [](const Large& a, const Large& b) {
    Large sum = a;
    sum.count += b.count;
    return sum;
};

// A merge amid each of them takes a second board.
TEST(KeyedTurns, LetAHundredJobsSideBySideComeToTheirEnds) {
    constexpr std::uint64_t chunks = 200;
    for (const Crew crew : {Crew::threads, Crew::processes}) {
        Pool pool({.crew = crew, .workers = 2, .arena_bytes = std::size_t{128} << 20});
        std::vector<std::uint64_t> counts(100);
        {
            std::vector<std::jthread> callers;
            for (std::uint64_t& count : counts) {
                callers.emplace_back([&pool, &count] {
                    const auto table = map_reduce_by_key<int, Large>(
                        pool, Range{0, chunks}, [](const Chunk&, auto& emit) { emit(1, Large{}); },
                        add_large, {.grain = 1, .look_ahead = 8});
                    count = table.value.at(1).count;
                });
            }
        }
        EXPECT_EQ(counts, std::vector<std::uint64_t>(100, chunks)) << to_string(crew);
    }
}

}  // namespace
}  // namespace pinfold
