// The product of two matrices, a row of it for each element of the range.
#include <cstddef>
#include <iostream>
#include <pinfold/pinfold.hpp>

constexpr std::size_t n = 300;

int main() {
    pinfold::Pool pool;
    const auto a = pool.array<double>(n * n);
    const auto b = pool.array<double>(n * n);
    const auto product = pool.array<double>(n * n);
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = 0; j < n; ++j) {
            a[i * n + j] = static_cast<double>(i + j);
            b[i * n + j] = i == j ? 2 : 1;
        }
    }

    pinfold::for_each(pool, pinfold::Range{0, n}, [a, b, product](std::size_t row) {
        double sums[n] = {};  // what a chunk that runs again writes once more is the same
        for (std::size_t k = 0; k < n; ++k) {
            for (std::size_t j = 0; j < n; ++j) {
                sums[j] += a[row * n + k] * b[k * n + j];
            }
        }
        for (std::size_t j = 0; j < n; ++j) {
            product[row * n + j] = sums[j];
        }
    });

    std::cout << "corners " << product[0] << ' ' << product[n - 1] << ' ' << product[(n - 1) * n]
              << ' ' << product[n * n - 1] << '\n';
}
