// Data in shared memory: mean and deviation of an array, then its standard scores in another.
#include <cmath>
#include <iostream>
#include <pinfold/pinfold.hpp>
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

int main() {
    pinfold::Pool pool;
    const auto values = pool.array<double>(1'000'000);
    pinfold::transform(pool, pinfold::Range{0, values.size()}, values,
                       [](auto k) { return std::sin(k); });

    const Moments all = pinfold::map_reduce(pool, values, moments, join).value;
    std::cout << "deviation " << all.deviation() << '\n';

    const auto scores = pool.array<double>(values.size());
    pinfold::transform(pool, values, scores,
                       [mean = all.mean, deviation = all.deviation()](double value) {
                           return (value - mean) / deviation;
                       });
    std::cout << "score of value 1: " << scores[1] << '\n';
}
