// Pi by random points in a square, of which a quarter of a circle takes pi/4: the same points, and
// so the same bits, on every crew.
#include <cstdint>
#include <functional>
#include <iostream>
#include <pinfold/pinfold.hpp>
#include <random>

int main() {
    constexpr std::uint64_t points = 10'000'000;
    std::uint64_t seed = 42;
    for (const auto crew :
         {pinfold::Crew::serial, pinfold::Crew::threads, pinfold::Crew::processes}) {
        pinfold::Pool pool({.crew = crew});
        const auto inside = pinfold::map_reduce(
            pool, pinfold::Range{0, points},
            [seed](const pinfold::Chunk& chunk) {
                std::mt19937_64 random(pinfold::chunk_seed(seed, chunk.index));
                std::uniform_real_distribution<double> coordinate(0, 1);
                std::uint64_t count = 0;
                for (auto left = chunk.size(); left != 0; --left) {
                    const double x = coordinate(random);
                    const double y = coordinate(random);
                    count += x * x + y * y < 1 ? 1U : 0U;
                }
                return count;
            },
            std::plus<>{});
        std::cout << to_string(crew) << ": pi is about "
                  << 4 * static_cast<double>(inside.value) / points << '\n';
    }
}
