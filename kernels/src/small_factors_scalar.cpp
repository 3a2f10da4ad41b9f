#include "small_factors.hpp"

namespace pinfold::kernels {
namespace {

/// Without a branch: which of the primes divides cannot be predicted.
bool is_open(std::uint64_t n) noexcept {
    bool has_factor = n % 2 == 0 || n <= largest_unlisted;
    for (std::size_t i = 0; i < divisors_of_one; ++i) {
        has_factor |= n * small_divisors[i].inverse <= small_divisors[i].largest_quotient;
    }
    return !has_factor;
}

}  // namespace

void list_open_scalar(std::span<const std::uint64_t> numbers, std::size_t first,
                      OpenNumbers& open) noexcept {
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        open.numbers[open.size] = numbers[i];
        open.indexes[open.size] = first + i;
        open.size += is_open(numbers[i]) ? 1U : 0U;
    }
}

}  // namespace pinfold::kernels
