// k-means: k centres of a cloud of points, with k from the command line. The job is a vector of
// centres, and so is what a chunk of points returns: sums, one for each centre.
#include <array>
#include <cmath>
#include <cstddef>
#include <iostream>
#include <pinfold/pinfold.hpp>
#include <pinfold/shm/crossing.hpp>
#include <span>
#include <string>
#include <vector>

using Point = std::array<double, 2>;
struct Sum {
    double x = 0, y = 0, n = 0;
    void operator+=(const Sum& s) { *this = {x + s.x, y + s.y, n + s.n}; }
};

std::vector<Sum> assign(const std::vector<Point>& centres, std::span<const Point> points) {
    std::vector<Sum> sums(centres.size());
    for (const Point& p : points) {
        const auto distance = [&](std::size_t c) {
            return std::hypot(p[0] - centres[c][0], p[1] - centres[c][1]);
        };
        std::size_t nearest = 0;
        for (std::size_t c = 1; c < centres.size(); ++c) {
            nearest = distance(c) < distance(nearest) ? c : nearest;
        }
        sums[nearest] += {p[0], p[1], 1};
    }
    return sums;
}

void add(std::vector<Sum>& sums, const std::vector<Sum>& part) {
    for (std::size_t c = 0; c < sums.size(); ++c) {
        sums[c] += part[c];
    }
}

int main(int count, char** words) {
    const std::size_t k = count > 1 ? std::stoul(words[1]) : 4;
    pinfold::Pool pool;
    const auto points = pool.array<Point>(200'000);
    pinfold::transform(pool, pinfold::Range{0, points.size()}, points, [](std::uint64_t i) {
        const auto angle = static_cast<double>(i);  // around (0, 0), (9, 0), (18, 0) and (27, 0)
        return Point{9.0 * static_cast<double>(i % 4) + std::cos(angle), std::sin(angle)};
    });
    std::vector<Point> centres(points.begin(), points.begin() + k);
    for (int round = 0; round < 20; ++round) {
        const std::vector<Sum> zeros(k);
        const auto sums = pinfold::map_fold(pool, points, centres, assign, zeros, add).value;
        for (std::size_t c = 0; c < k; ++c) {
            centres[c] = {sums[c].x / sums[c].n, sums[c].y / sums[c].n};
        }
    }
    for (const auto& [x, y] : centres) {
        std::cout << "centre " << std::round(x) << ' ' << std::round(std::abs(y)) << '\n';
    }
}
