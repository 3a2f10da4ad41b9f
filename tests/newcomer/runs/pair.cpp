// A pair is captured by value. This is no mistake: it works.
// prints: 32.5
#include <functional>
#include <iostream>
#include <pinfold/pinfold.hpp>
#include <utility>

int main() {
    pinfold::Pool pool;
    std::pair<int, double> line{1, 0.5};
    std::cout << pinfold::transform_reduce(
                     pool, pinfold::Range{0, 10}, 0.0, std::plus<>{},
                     [line](auto k) { return line.first + line.second * double(k); })
                     .value
              << '\n';
}
