#pragma once

#include <array>
#include <string_view>

namespace pinfold::apps {

/// How the primes of a range are found.
enum class Method {
    sieve,          ///< a segmented sieve; its sieving primes are found by a phase of the job
    hybrid,         ///< a sieve by the small primes, then a primality test of what it leaves
    combinatorial,  ///< the primes up to END less those up to BEGIN, without finding them
    trial,          ///< trial division, the classic baseline
};

inline constexpr std::array all_methods{Method::sieve, Method::hybrid, Method::combinatorial,
                                        Method::trial};

/// What is asked of the primes of a range.
enum class Quantity { sum, count };

[[nodiscard]] std::string_view to_string(Method method) noexcept;

}  // namespace pinfold::apps
