// The area of a circle by random points: the same points, and so the same answer, on every crew.
#include <cstdint>
#include <functional>
#include <iostream>
#include <pinfold/engine/chunk_seed.hpp>
#include <pinfold/engine/map_reduce.hpp>
#include <random>

struct Job {
    std::uint64_t seed;
};

std::uint64_t points_inside(const Job& job, const pinfold::Chunk& chunk) {
    std::mt19937_64 random(pinfold::chunk_seed(job.seed, chunk.index));
    std::uniform_real_distribution<double> coordinate(-1, 1);
    std::uint64_t inside = 0;
    for (auto left = chunk.size(); left != 0; --left) {
        const double x = coordinate(random);
        const double y = coordinate(random);
        inside += x * x + y * y < 1 ? 1U : 0U;
    }
    return inside;
}

int main() {
    constexpr std::uint64_t points = 10'000'000;
    for (const auto crew :
         {pinfold::Crew::serial, pinfold::Crew::threads, pinfold::Crew::processes}) {
        pinfold::Pool pool({.crew = crew});
        const auto inside = pinfold::map_reduce(
            pool, pinfold::Range{0, points}, Job{42},
            [](const Job& job, const pinfold::Chunk& chunk) { return points_inside(job, chunk); },
            std::plus<>{});
        std::cout << to_string(crew) << ": " << inside.value << " of " << points << " inside\n";
    }
}
