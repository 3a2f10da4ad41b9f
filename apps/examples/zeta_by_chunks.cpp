// The sum of README's program, by a map that is called for each chunk.
#include <cmath>
#include <functional>
#include <iostream>
#include <pinfold/pinfold.hpp>

int main() {
    pinfold::Pool pool;
    const double p = 2;
    const auto zeta = pinfold::map_reduce(
        pool, pinfold::Range{1, 10'000'000},
        [p](const pinfold::Chunk& chunk) {
            double sum = 0;
            for (auto k : chunk) {
                sum += std::pow(k, -p);
            }
            return sum;
        },
        std::plus<>{});
    std::cout << "pi is about " << std::sqrt(6 * zeta.value) << '\n';
    std::cout << zeta.report.chunks << " chunks, " << zeta.report.deaths << " deaths\n";
}
