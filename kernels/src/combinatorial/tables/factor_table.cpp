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
    const bool is_complete = found.product == number;
    // The one prime factor that is not found is number / product: no division is needed for that.
    if (number == 1 || found.product == 0 || (!is_complete && number > y * found.product)) {
        return 0;
    }
    const bool even = found.even == is_complete;
    const std::uint64_t smallest =
        found.smallest == 0 ? std::min(number, largest_kept_factor) : found.smallest;
    return static_cast<std::uint16_t>(2 * smallest + (even ? 1U : 0U));
}

/// Calls `visit` with what is known of each multiple of `step` among the rows, which is coprime to
/// 30.
void for_each_multiple(std::uint64_t step, std::uint64_t first_row, std::span<Factors> numbers,
                       auto visit) {
    const std::uint64_t begin = 30 * first_row;
    const std::uint64_t length = 30 * (numbers.size() / 8);
    std::uint64_t cofactor = std::max<std::uint64_t>(1, (begin + step - 1) / step);
    cofactor += to_next_coprime_to_30[cofactor % 30];
    std::uint64_t offset = cofactor * step - begin;
    std::uint64_t residue = cofactor % 30;
    while (offset < length) {
        const auto within = static_cast<std::uint32_t>(offset);
        visit(numbers[within / 30 * 8 + residue_bit[within % 30]]);
        const std::uint64_t on = 1U + to_next_coprime_to_30[(residue + 1) % 30];
        offset += on * step;
        residue = (residue + on) % 30;
    }
}

/// Marks the multiples of `prime` among the rows.
void multiply(std::uint32_t prime, std::uint64_t first_row, std::span<Factors> numbers) {
    for_each_multiple(prime, first_row, numbers, [prime](Factors& factors) {
        factors.product *= prime;
        factors.smallest =
            factors.smallest == 0 ? static_cast<std::uint16_t>(prime) : factors.smallest;
        factors.even = !factors.even;
    });
    for_each_multiple(std::uint64_t{prime} * prime, first_row, numbers,
                      [](Factors& factors) { factors.product = 0; });
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
