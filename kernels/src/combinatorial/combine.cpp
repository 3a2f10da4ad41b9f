// With a = the number of primes up to y, F(n) = the sum of f over the primes up to n and phi(n, a)
// = that over the numbers up to n that none of the first a primes divides:
//     F(x) = phi(x, a) - 1 + F(y) - (pairs of primes above y),
//     phi(x, a) = ordinary leaves + easy leaves + hard leaves + closed terms.
#include <algorithm>
#include <pinfold/kernels/prime_sum.hpp>
#include <vector>

#include "arithmetic/integer_sqrt.hpp"
#include "combinatorial/combine.hpp"

namespace pinfold::kernels {
namespace {

template <PrimeTerm T>
class Combination {
  public:
    Combination(const CombinatorialPlan& plan, const Tables& tables, const LeafSums& sums)
        : plan_(plan), tables_(tables), sums_(sums), tasks_(tasks(plan)) {}

    uint128 value() const {
        uint128 total = closed_terms() - 1 + up_to(plan_.y) - pairs();
        for (std::size_t task = 0; task < tasks_.size(); ++task) {
            const bool is_pair = task >= tasks_.hard + tasks_.easy &&
                                 task < tasks_.hard + tasks_.easy + tasks_.pairs;
            total += is_pair ? 0 : sums_.tasks[task].sum;
        }
        return total + columns();
    }

  private:
    struct Column {
        uint128 before = 0;
        uint128 total = 0;
    };

    uint128 up_to(std::uint64_t n) const { return sum_up_to<T>(tables_.sums.data(), n); }

    uint128 pairs() const {
        uint128 before = up_to(plan_.root - 1);
        uint128 total = 0;
        for (const Part& part : sums_.tasks.subspan(tasks_.hard + tasks_.easy, tasks_.pairs)) {
            total += part.sum + part.weight * before;
            before += part.total;
        }
        return total;
    }

    /// What the hard leaves lack, for each task counted from zero. Where a prime joined the sieve,
    /// phi was 1 and the primes from it on.
    uint128 columns() const {
        const std::size_t count =
            std::max(first_primes, tables_.rank(plan_.fourth_root)) - first_primes;
        const std::size_t columns = columns_per_task(plan_);
        std::vector<Column> all(count);
        for (std::size_t i = 0; i < count; ++i) {
            all[i].before =
                joined_with(static_cast<std::uint64_t>(tables_.primes[first_primes + i]));
        }
        for (std::size_t task = 0; task < tasks_.hard; ++task) {
            for (std::size_t i = 0; i < count; ++i) {
                const Part& part = sums_.columns[task * columns + i];
                all[i].total += part.weight * all[i].before;
                all[i].before += part.total;
            }
        }
        uint128 total = 0;
        for (std::size_t i = 0; i < count; ++i) {
            total += all[i].total *
                     term_of<T>(static_cast<std::uint64_t>(tables_.primes[first_primes + i]));
        }
        return total;
    }

    /// phi up to the segment that a prime joined the sieve with.
    uint128 joined_with(std::uint64_t prime) const {
        const std::uint64_t joined = prime * prime / (30 * plan_.segment_bytes);
        const std::uint64_t begin = joined * 30 * plan_.segment_bytes;
        return begin == 0 ? 0 : begin > prime ? 1 + up_to(begin - 1) - up_to(prime - 1) : 1;
    }

    /// The leaves of primes above the fourth root that are not looked up; see easy_leaves.cpp.
    uint128 closed_terms() const {
        uint128 total = 0;
        const uint128 to_y = up_to(plan_.y);
        for (const std::int32_t p : tables_.primes_in(plan_.fourth_root, plan_.y)) {
            const auto prime = static_cast<std::uint64_t>(p);
            const uint128 to_prime = up_to(prime);
            uint128 terms = to_y - to_prime;
            if (prime <= plan_.cube_root) {
                const std::uint64_t dividend = plan_.x / prime;
                const uint128 to_root = up_to(integer_sqrt(dividend));
                const std::uint64_t within = dividend / plan_.y;
                terms += (within > prime ? to_y * (up_to(within) - to_prime) : 0) -
                         to_root * to_root +
                         term_of<T>(prime) * up_to(std::min(plan_.y, dividend / prime)) +
                         up_to(prime - 1) * to_prime;
            }
            total += term_of<T>(prime) * terms;
        }
        return total;
    }

    const CombinatorialPlan& plan_;
    const Tables& tables_;
    const LeafSums& sums_;
    Tasks tasks_;
};

}  // namespace

uint128 combine(const CombinatorialPlan& plan, const Tables& tables, const LeafSums& sums) {
    return plan.term == PrimeTerm::one ? Combination<PrimeTerm::one>(plan, tables, sums).value()
                                       : Combination<PrimeTerm::prime>(plan, tables, sums).value();
}

}  // namespace pinfold::kernels
