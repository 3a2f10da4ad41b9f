#include "jobs/primes/prime_estimate.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>

namespace pinfold::apps {

namespace {

// From here on zeta(k + 1) - 1, about 2^-(k + 1), is below what a long double of 64 bits holds.
constexpr std::size_t zetas_above_one = 64;

/// zeta(k + 1) for k = 1 to zetas_above_one.
const std::array<long double, zetas_above_one>& zetas() {
    static const auto values = [] {
        std::array<long double, zetas_above_one> table{};
        for (std::size_t i = 0; i < table.size(); ++i) {
            table[i] = std::riemann_zeta(static_cast<long double>(i + 2));
        }
        return table;
    }();
    return values;
}

}  // namespace

long double estimated_prime_count(long double x) {
    // 1 + sum of ln(x)^k / (k k! zeta(k + 1)): all terms are positive, so none cancels another.
    const long double log = std::log(x);
    long double power = 1;  // ln(x)^k / k!
    long double sum = 1;
    for (std::size_t k = 1;; ++k) {
        const auto index = static_cast<long double>(k);
        power *= log / index;
        const long double zeta = k <= zetas_above_one ? zetas()[k - 1] : 1;
        const long double term = power / (index * zeta);
        sum += term;
        if (index > log && term < sum * std::numeric_limits<long double>::epsilon()) {
            return sum;
        }
    }
}

long double estimated_nth_prime(std::uint64_t n) {
    if (n == 0) {
        return 0;
    }
    const auto target = static_cast<long double>(n);
    // R grows by 1 / ln(x), so Newton's method doubles the right digits with each step; from n ln
    // n, which has one, six are enough for all 64 bits.
    long double x = 2 + target * std::log(target);
    for (int step = 0; step < 8; ++step) {
        x = std::max(1.5L, x - (estimated_prime_count(x) - target) * std::log(x));
    }
    return x;
}

}  // namespace pinfold::apps
