// Each prime up to the root is multiplied into all its multiples. What a number has left over is
// one more prime factor, or none.
#include "combinatorial/tables/factor_table.hpp"

#include <algorithm>
#include <vector>

#include "arithmetic/integer_sqrt.hpp"

namespace pinfold::kernels {
namespace {

constexpr std::uint64_t largest_kept_factor = (1U << 15) - 1;

/// What is known of a number: the product of its prime factors that were found, 0 once one of them
/// was found to be squared.
struct Factors {
    std::uint32_t product = 1;
    std::uint16_t smallest = 0;
    bool even = true;  ///< in number
};

std::uint16_t entry_of(std::uint64_t number, const Factors& found, std::uint64_t y) noexcept {
    const std::uint64_t rest = found.product == 0 ? 0 : number / found.product;
    if (number == 1 || rest == 0 || rest > y) {
        return 0;
    }
    const bool even = found.even == (rest == 1);
    std::uint64_t smallest = found.smallest;
    if (smallest == 0) {
        smallest = std::min(rest, largest_kept_factor);
    }
    return static_cast<std::uint16_t>(2 * smallest + (even ? 1U : 0U));
}

/// Marks the multiples of `prime` among the rows.
void multiply(std::uint32_t prime, std::uint64_t first_row, std::span<Factors> numbers) {
    const std::uint64_t begin = 30 * first_row;
    const std::uint64_t end = begin + 30 * (numbers.size() / 8);
    std::uint64_t cofactor = std::max<std::uint64_t>(1, (begin + prime - 1) / prime);
    for (cofactor += to_next_coprime_to_30[cofactor % 30]; cofactor * prime < end;
         cofactor += 1U + to_next_coprime_to_30[(cofactor + 1) % 30]) {
        const std::uint64_t number = cofactor * prime - begin;
        Factors& factors = numbers[number / 30 * 8 + residue_bit[number % 30]];
        factors.product = cofactor % prime == 0 ? 0 : factors.product * prime;
        factors.smallest =
            factors.smallest == 0 ? static_cast<std::uint16_t>(prime) : factors.smallest;
        factors.even = !factors.even;
    }
}

}  // namespace

void fill_factor_table(std::uint64_t first_row, std::uint64_t last_row, std::uint64_t y,
                       std::span<const std::byte> primes, std::uint16_t* rows) {
    std::vector<Factors> numbers(8 * (last_row - first_row));
    for_each_prime(primes, 7, integer_sqrt(30 * last_row), [&](std::uint64_t prime) {
        multiply(static_cast<std::uint32_t>(prime), first_row, numbers);
    });
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        const std::uint64_t number = 30 * (first_row + i / 8) + residues[i % 8];
        rows[i] = entry_of(number, numbers[i], y);
    }
}

}  // namespace pinfold::kernels
