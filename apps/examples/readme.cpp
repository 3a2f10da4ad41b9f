#include <cmath>
#include <functional>
#include <iostream>
#include <pinfold/engine/map_reduce.hpp>

int main() {
    pinfold::Pool pool;  // worker processes, one pinned to each physical core
    auto term_sum = [](double power, const pinfold::Chunk& chunk) {
        double sum = 0;
        for (std::uint64_t k = chunk.begin; k < chunk.end; ++k) {
            sum += std::pow(static_cast<double>(k), -power);
        }
        return sum;
    };
    const auto zeta2 =
        pinfold::map_reduce(pool, pinfold::Range{1, 10'000'000}, 2.0, term_sum, std::plus<>{});
    std::cout << "pi is about " << std::sqrt(6 * zeta2.value) << '\n';
}
