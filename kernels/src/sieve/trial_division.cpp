#include <pinfold/kernels/prime_sum.hpp>

#include "arithmetic/integer_sqrt.hpp"
#include "arithmetic/number_range.hpp"

namespace pinfold::kernels {
namespace {

bool is_prime_by_trial_division(std::uint64_t n) noexcept {
    if (n < 4) {
        return n > 1;
    }
    if (n % 2 == 0 || n % 3 == 0) {
        return false;
    }
    const std::uint64_t root = integer_sqrt(n);
    for (std::uint64_t divisor = 5; divisor <= root; divisor += 6) {
        if (n % divisor == 0 || n % (divisor + 2) == 0) {
            return false;
        }
    }
    return true;
}

}  // namespace

PrimeSum prime_sum_by_trial_division(std::uint64_t begin, uint128 end) {
    require_range(begin, end);
    PrimeSum total;
    for (uint128 n = begin; n < end; ++n) {
        if (is_prime_by_trial_division(static_cast<std::uint64_t>(n))) {
            total += {1, n};
        }
    }
    return total;
}

}  // namespace pinfold::kernels
