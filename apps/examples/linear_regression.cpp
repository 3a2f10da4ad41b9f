// The line that lies nearest to a million points, by least squares.
#include <cmath>
#include <cstddef>
#include <functional>
#include <iostream>
#include <pinfold/pinfold.hpp>

struct Sums {
    double n = 0, x = 0, y = 0, xx = 0, xy = 0;

    friend Sums operator+(const Sums& a, const Sums& b) {
        return {a.n + b.n, a.x + b.x, a.y + b.y, a.xx + b.xx, a.xy + b.xy};
    }
};

int main() {
    constexpr std::size_t points = 1'000'000;
    pinfold::Pool pool;
    const auto x = pool.array<double>(points);
    const auto y = pool.array<double>(points);
    pinfold::for_each(pool, pinfold::Range{0, points}, [x, y](auto k) {
        x[k] = 1e-5 * static_cast<double>(k);
        y[k] = 3 * x[k] + 7 + std::sin(static_cast<double>(k));  // the sine is our noise
    });

    const Sums s =
        pinfold::transform_reduce(pool, pinfold::Range{0, points}, Sums{}, std::plus<>{},
                                  [x, y](auto k) {
                                      return Sums{1, x[k], y[k], x[k] * x[k], x[k] * y[k]};
                                  })
            .value;
    const double slope = (s.n * s.xy - s.x * s.y) / (s.n * s.xx - s.x * s.x);
    const double offset = (s.y - slope * s.x) / s.n;
    std::cout << "y = " << slope << " x + " << offset << '\n';
}
