#pragma once

#include <cmath>
#include <cstdint>
#include <pinfold/kernels/uint128.hpp>
#include <vector>

namespace oracle {

/// The sum of f over the primes up to n, for f(k) = 1 or f(k) = k: the sieve over the quotients of
/// n that "Lucy_Hedgehog" described in the forum of Project Euler's problem 10. It shares nothing
/// with the kernels. Run time: O(n^(3/4)). Exact below 2^64.
template <bool IsSum>
pinfold::kernels::uint128 lucy_hedgehog(std::uint64_t n) {
    using pinfold::kernels::uint128;
    if (n < 2) {
        return 0;
    }
    auto root = static_cast<std::uint64_t>(std::sqrt(static_cast<double>(n)));
    root -= root * root > n ? 1 : 0;
    const auto f = [](std::uint64_t k) { return IsSum ? uint128{k} : uint128{1}; };
    const auto without_one = [](std::uint64_t k) {
        const uint128 even = k % 2 == 0 ? k : k + 1;
        const uint128 odd = k % 2 == 0 ? k + 1 : k;
        return IsSum ? even / 2 * odd - 1 : uint128{k} - 1;
    };
    // For small k the sum over 2 ... k that are not crossed off, and for large ones that up to n /
    // k.
    std::vector<uint128> small(root + 1);
    std::vector<uint128> large(root + 1);
    for (std::uint64_t k = 1; k <= root; ++k) {
        small[k] = without_one(k);
        large[k] = without_one(n / k);
    }
    for (std::uint64_t p = 2; p * p <= n; ++p) {
        if (small[p] == small[p - 1]) {
            continue;
        }
        const uint128 before = small[p - 1];
        for (std::uint64_t k = 1; k <= root && n / k >= p * p; ++k) {
            const uint128 rest = k * p <= root ? large[k * p] : small[n / k / p];
            large[k] -= f(p) * (rest - before);
        }
        for (std::uint64_t k = root; k >= p * p; --k) {
            small[k] -= f(p) * (small[k / p] - before);
        }
    }
    return large[1];
}

}  // namespace oracle
