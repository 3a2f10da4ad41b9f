// One odd number after another. Most fail trial division within nanoseconds, and there are some
// twenty of them between two primes, so a wheel would save less than it takes to start a program.

#include "jobs/primes/near_prime.hpp"

#include <pinfold/kernels/is_prime.hpp>

namespace pinfold::apps {

std::optional<std::uint64_t> prime_above(std::uint64_t n) noexcept {
    if (n >= largest_prime) {
        return std::nullopt;
    }
    if (n < 2) {
        return 2;
    }
    // The first odd number above n. The loop ends at largest_prime, if not before.
    std::uint64_t candidate = (n + 1) | 1;
    while (!kernels::is_prime(candidate)) {
        candidate += 2;
    }
    return candidate;
}

std::optional<std::uint64_t> prime_below(uint128 n) noexcept {
    if (n <= 3) {
        return n == 3 ? std::optional<std::uint64_t>(2) : std::nullopt;
    }
    // The last odd number below n, at least 3, where the loop ends if not before.
    auto candidate = static_cast<std::uint64_t>((n - 2) | 1);
    while (!kernels::is_prime(candidate)) {
        candidate -= 2;
    }
    return candidate;
}

}  // namespace pinfold::apps
