// Principal component analysis: the direction in which a cloud of points is widest. Workers add up
// the points' moments; the small matrix that these make is the host's affair.
#include <array>
#include <cmath>
#include <cstddef>
#include <functional>
#include <iostream>
#include <pinfold/pinfold.hpp>

using Point = std::array<double, 3>;

struct Moments {
    double n = 0;
    Point sum{};
    std::array<Point, 3> products{};

    friend Moments operator+(Moments a, const Moments& b) {
        a.n += b.n;
        for (std::size_t i = 0; i < 3; ++i) {
            a.sum[i] += b.sum[i];
            for (std::size_t j = 0; j < 3; ++j) {
                a.products[i][j] += b.products[i][j];
            }
        }
        return a;
    }
};

Moments moments(const Point& p) {
    const auto times = [&](double x) { return Point{x * p[0], x * p[1], x * p[2]}; };
    return {1, p, {times(p[0]), times(p[1]), times(p[2])}};
}

int main() {
    pinfold::Pool pool;
    const auto points = pool.array<Point>(1'000'000);
    pinfold::transform(pool, pinfold::Range{0, points.size()}, points, [](auto k) {
        const double along = std::sin(0.1 * static_cast<double>(k));  // far along (1, 2, 2)
        const double across = 0.1 * std::cos(0.7 * static_cast<double>(k));
        return Point{along + across, 2 * along - across, 2 * along + across / 2};
    });
    const Moments m =
        pinfold::transform_reduce(pool, points, Moments{}, std::plus<>{}, moments).value;

    Point axis{1, 1, 1};
    for (int turn = 0; turn < 100; ++turn) {  // power iteration
        Point next{};
        for (std::size_t i = 0; i < 3; ++i) {
            for (std::size_t j = 0; j < 3; ++j) {
                next[i] += (m.products[i][j] - m.sum[i] * m.sum[j] / m.n) * axis[j];
            }
        }
        const double length = std::hypot(next[0], next[1], next[2]);
        axis = {next[0] / length, next[1] / length, next[2] / length};
    }
    std::cout << "axis " << axis[0] << ' ' << axis[1] << ' ' << axis[2] << '\n';
}
