// Data in shared memory: mean and deviation of an array, then its standard scores in another.
#include <cmath>
#include <cstddef>
#include <iostream>
#include <pinfold/engine/map_reduce.hpp>
#include <span>

struct Moments {
    double count = 0;
    double mean = 0;
    double squares = 0;  // sum of the squared distances from the mean

    double deviation() const { return std::sqrt(squares / count); }
};

Moments moments(std::span<const double> values) {
    Moments m;
    for (const double value : values) {
        m.count += 1;
        const double distance = value - m.mean;
        m.mean += distance / m.count;
        m.squares += distance * (value - m.mean);
    }
    return m;
}

// Chan, Golub, LeVeque, "Updating formulae and a pairwise algorithm for computing sample
// variances".
Moments join(const Moments& a, const Moments& b) {
    if (a.count == 0 || b.count == 0) {
        return a.count == 0 ? b : a;
    }
    const double count = a.count + b.count;
    const double distance = b.mean - a.mean;
    return {count, a.mean + distance * b.count / count,
            a.squares + b.squares + distance * distance * a.count * b.count / count};
}

struct NoJob {};

int main() {
    pinfold::Pool pool;
    auto values = pool.array<double>(1'000'000);
    for (std::size_t i = 0; i < values.size(); ++i) {
        values[i] = std::sin(static_cast<double>(i));
    }

    const Moments all = pinfold::map_reduce(
                            pool, values, NoJob{},
                            [](const NoJob&, std::span<const double> part, const pinfold::Chunk&) {
                                return moments(part);
                            },
                            join)
                            .value;
    std::cout << "deviation " << all.deviation() << '\n';

    auto scores = pool.array<double>(values.size());
    pinfold::transform_chunks(pool, values, scores, all,
                              [](const Moments& m, std::span<const double> in,
                                 std::span<double> out, const pinfold::Chunk&) {
                                  for (std::size_t i = 0; i < in.size(); ++i) {
                                      out[i] = (in[i] - m.mean) / m.deviation();
                                  }
                              });
    std::cout << "score of value 1: " << scores[1] << '\n';
}
