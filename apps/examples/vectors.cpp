// What a first program asks of its vectors: a product of two, where the greatest element is, a
// scaling in place, and a vector to go on with.
#include <functional>
#include <iostream>
#include <pinfold/pinfold.hpp>
#include <utility>
#include <vector>

int main() {
    pinfold::Pool pool;
    const auto a = pool.array(std::vector<double>{4, 2, 8});
    const auto b = pool.array(std::vector<double>{1, 10, 100});

    // Two arrays: a range of their places, and both of them captured.
    const auto product =
        pinfold::transform_reduce(pool, pinfold::Range{0, a.size()}, 0.0, std::plus<>{},
                                  [a, b](auto i) { return a[i] * b[i]; });
    std::cout << "product " << product.value << '\n';

    // The value is a std::optional, which is empty where the input is.
    const auto found = pinfold::max_element(pool, a);
    std::cout << "greatest " << found.value->value << " at " << found.value->at << '\n';

    // In place: into a second array, which then takes the place of the first.
    auto now = pool.array(std::vector<double>{1, 2, 3});
    auto next = pool.array<double>(now.size());
    for (int step = 0; step < 3; ++step) {
        pinfold::transform(pool, now, next, [](double x) { return 10 * x; });
        std::swap(now, next);
    }

    const std::vector<double> scaled(now.begin(), now.end());  // out of the pool
    std::cout << "scaled " << scaled[0] << ' ' << scaled[1] << ' ' << scaled[2] << '\n';
}
