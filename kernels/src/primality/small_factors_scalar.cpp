#include "primality/small_factors.hpp"

namespace pinfold::kernels {
namespace {

/// The primes that a number is first divided by: 3, 5 and 7, which with 2 leave fewer than a
/// quarter.
constexpr std::size_t first_divisors = 3;

/// Without a branch: which of the primes divides cannot be predicted.
template <std::size_t divisors>
bool has_factor(std::uint64_t n, std::span<const Divisor, divisors> of) noexcept {
    bool found = false;
    for (const Divisor& divisor : of) {
        found |= n * divisor.inverse <= divisor.largest_quotient;
    }
    return found;
}

}  // namespace

void list_open_scalar(std::span<const std::uint64_t> numbers, std::size_t first,
                      OpenNumbers& open) noexcept {
    constexpr std::span divisors(small_divisors);
    const std::size_t before = open.size;
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        const std::uint64_t n = numbers[i];
        open.numbers[open.size] = n;
        open.indexes[open.size] = first + i;
        bool is_closed = n % 2 == 0;
        is_closed |= n <= largest_unlisted;
        is_closed |= has_factor(n, divisors.first<first_divisors>());
        open.size += is_closed ? 0U : 1U;
    }
    // The few that are left are divided by the other primes, and keep their order in place.
    constexpr auto others = divisors.first<divisors_of_one>().subspan<first_divisors>();
    const std::size_t after = open.size;
    open.size = before;
    for (std::size_t i = before; i < after; ++i) {
        const std::uint64_t n = open.numbers[i];
        open.numbers[open.size] = n;
        open.indexes[open.size] = open.indexes[i];
        open.size += has_factor(n, others) ? 0U : 1U;
    }
}

}  // namespace pinfold::kernels
