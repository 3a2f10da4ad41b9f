// For a prime p up to the fourth root of x, the leaf of a cofactor m with p <= u = x / (m p) < p^2
// is -mu(m) f(m p) (1 + F(u) - F(p - 1)), where F(u) is the sum of f over the primes up to u: what
// no prime below p divides is 1 or a prime.
//
// Above the fourth root all cofactors are primes q. With v = x / p, the sum over the q in (sqrt(v),
// y] of f(q) F(v / q) runs over pairs of primes q r <= v; taken by r instead, it is a sum over the
// r up to sqrt(v) of f(r) F(v / r), where F(v / r) stops at F(y). So half of the pairs are looked
// up, those with v / q < y counting twice, and the rest is in combine.cpp (Gourdon 2001: the
// sum A and the sums Sigma).
//
// The table of F is walked in windows that stay in the second-level cache: all primes of the task
// for one window, then the next.
#include <algorithm>
#include <vector>

#include "arithmetic/integer_sqrt.hpp"
#include "combinatorial/leaves/combinatorial_functions.hpp"
#include "combinatorial/leaves/leaves.hpp"

namespace pinfold::kernels {
namespace {

/// 32768 words of the table, 512 KiB.
constexpr std::uint64_t window_numbers = numbers_per_word << 15;

/// The quotients [begin, end) that are looked up.
struct Window {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;

    /// The range of divisors (above, up_to] by which `dividend` has its quotient in the window.
    [[nodiscard]] std::uint64_t above(std::uint64_t dividend) const noexcept {
        return dividend / end;
    }
    [[nodiscard]] std::uint64_t up_to(std::uint64_t dividend, std::uint64_t most) const noexcept {
        return begin == 0 ? most : std::min(most, dividend / begin);
    }
};

template <PrimeTerm T>
class EasyLeaves {
  public:
    EasyLeaves(const CombinatorialPlan& plan, const Tables& tables)
        : plan_(plan), tables_(tables), functions_(leaf_functions<T>()) {}

    /// The leaves of a prime up to the fourth root but for the part that is looked up: 1 - F(p - 1)
    /// for each cofactor; with the composite cofactors all of it.
    uint128 without_table(std::uint64_t prime) {
        const std::uint64_t dividend = plan_.x / prime;
        const std::uint64_t above = std::max({prime, plan_.z / prime, dividend / (prime * prime)});
        const uint128 each = 1 - uint128{sum_up_to<T>(tables_.sums.data(), prime - 1)};
        if (prime * prime <= plan_.z) {
            return with_composites(prime, above, each);
        }
        return plan_.y <= above ? 0 : each * (sum_to(plan_.y) - sum_to(above));
    }

    /// The sum of f(q) F(x / (p q)) over the primes q that give a quotient in the window.
    uint128 in_window(std::uint64_t prime, const Window& window) {
        const std::uint64_t dividend = plan_.x / prime;
        if (prime <= plan_.fourth_root) {
            if (prime * prime <= plan_.z || window.begin >= prime * prime) {
                return 0;
            }
            const std::uint64_t above =
                std::max({prime, dividend / (prime * prime), window.above(dividend)});
            return look_up(dividend, above, window.up_to(dividend, plan_.y));
        }
        const std::uint64_t up_to = window.up_to(dividend, integer_sqrt(dividend));
        const std::uint64_t above = std::max(prime, window.above(dividend));
        const std::uint64_t twice_above = std::max(above, dividend / plan_.y);
        return look_up(dividend, above, std::min(up_to, twice_above)) +
               2 * look_up(dividend, twice_above, up_to);
    }

  private:
    uint128 look_up(std::uint64_t dividend, std::uint64_t above, std::uint64_t up_to) const {
        return functions_.sum_easy(tables_.sums.data(), dividend, tables_.primes_in(above, up_to));
    }

    uint128 sum_to(std::uint64_t n) const { return sum_up_to<T>(tables_.sums.data(), n); }

    uint128 with_composites(std::uint64_t prime, std::uint64_t above, uint128 each) {
        constexpr std::size_t entries_at_once = 4096;
        cofactors_.resize(entries_at_once + 16);
        uint128 total = 0;
        std::size_t end = factor_entry_from(plan_.z + 1);
        for (std::size_t i = factor_entry_from(above + 1); i < end; i += entries_at_once) {
            const std::size_t count =
                functions_.collect(tables_.factors.data(), i, std::min(end, i + entries_at_once),
                                   prime, cofactors_.data());
            const auto found = std::span<const std::int32_t>(cofactors_).first(count);
            total += functions_.sum_easy(tables_.sums.data(), plan_.x / prime, found);
            for (const std::int32_t cofactor : found) {
                const auto size = static_cast<std::uint64_t>(cofactor < 0 ? -cofactor : cofactor);
                total += cofactor < 0 ? -(each * term_of<T>(size)) : each * term_of<T>(size);
            }
        }
        return total;
    }

    const CombinatorialPlan& plan_;
    const Tables& tables_;
    const LeafFunctions<T>& functions_;
    std::vector<std::int32_t> cofactors_;
};

}  // namespace

template <PrimeTerm T>
uint128 sum_easy_leaves(const CombinatorialPlan& plan, const Tables& tables, std::uint64_t first,
                        std::uint64_t last) {
    EasyLeaves<T> leaves(plan, tables);
    const std::span<const std::int32_t> primes = tables.primes_in(first - 1, last - 1);
    uint128 total = 0;
    for (const std::int32_t p : primes) {
        const auto prime = static_cast<std::uint64_t>(p);
        if (prime <= plan.fourth_root) {
            total += term_of<T>(prime) * leaves.without_table(prime);
        }
    }
    for (std::uint64_t begin = 0; begin <= plan.root; begin += window_numbers) {
        const Window window = {begin, begin + window_numbers};
        for (const std::int32_t p : primes) {
            const auto prime = static_cast<std::uint64_t>(p);
            total += term_of<T>(prime) * leaves.in_window(prime, window);
        }
    }
    return total;
}

template uint128 sum_easy_leaves<PrimeTerm::one>(const CombinatorialPlan&, const Tables&,
                                                 std::uint64_t, std::uint64_t);
template uint128 sum_easy_leaves<PrimeTerm::prime>(const CombinatorialPlan&, const Tables&,
                                                   std::uint64_t, std::uint64_t);

}  // namespace pinfold::kernels
