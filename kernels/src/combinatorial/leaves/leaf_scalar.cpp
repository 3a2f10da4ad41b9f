#include "combinatorial/leaves/leaf_words.hpp"

namespace pinfold::kernels {
namespace {

template <PrimeTerm T>
std::uint64_t sum_of_words(const Sieved& sieved, std::size_t from, std::size_t to) noexcept {
    return sum_of_words_by<T>(sieve_functions.scalar, sieved, from, to);
}

void add_numbers(const LeafWords& leaves, std::uint64_t first, std::uint64_t* sums) noexcept {
    add_numbers_portably(leaves, 0, first, sums);
}

int128 sum_of_products(const auto* coefficients, const std::uint64_t* sums,
                       std::size_t count) noexcept {
    return sum_of_products_portably(coefficients, sums, count);
}

template <PrimeTerm T>
std::uint64_t add_up(const Sieved& sieved, std::size_t count, std::uint64_t* before) noexcept {
    return add_up_portably<T>(sieved, count, before);
}

}  // namespace
}  // namespace pinfold::kernels

#define PINFOLD_LEAVES
#include "combinatorial/leaves/leaf_loops.inc"
#include "combinatorial/tables/factor_table.hpp"

namespace pinfold::kernels {

std::size_t collect_portably(const std::uint16_t* entries, std::size_t first, std::size_t last,
                             std::uint64_t prime, std::int32_t* out) noexcept {
    const std::uint16_t limit = largest_entry_of(prime);
    std::size_t count = 0;
    for (std::size_t i = first; i < last; ++i) {
        // Whether an entry qualifies is hard to predict, so each is written and few are kept.
        out[count] = cofactor_of(i, entries[i]);
        count += entries[i] > limit ? 1 : 0;
    }
    return count;
}

const LeafTables leaf_tables_scalar = {all_functions<PrimeTerm::one>(collect_portably),
                                       all_functions<PrimeTerm::prime>(collect_portably)};

}  // namespace pinfold::kernels
