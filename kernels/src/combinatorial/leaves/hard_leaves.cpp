// For a prime p up to the fourth root of x, the leaf of a cofactor m is -mu(m) f(m p) phi(u), where
// u = x / (m p) >= p^2 and phi(u) is the sum of f over the numbers up to u that no prime below p
// divides. A sieve runs upwards over u, prime by prime within each segment, and the leaves of a
// prime are added up before it is crossed off (Lagarias, Miller and Odlyzko 1985). Where a prime
// has many leaves in a segment, the sums before each word are tabled first; else a cursor adds
// words up from leaf to leaf.
//
// The largest prime of a segment [begin, end) is the root of end, for u >= p^2, and the root of
// x / begin, for m > p.
#include <algorithm>
#include <vector>

#include "arithmetic/integer_sqrt.hpp"
#include "combinatorial/leaves/combinatorial_functions.hpp"
#include "combinatorial/leaves/hard_sieve.hpp"
#include "combinatorial/leaves/leaves.hpp"

namespace pinfold::kernels {
namespace {

/// With more leaves of a prime in a segment than one for this many words, the words are tabled.
constexpr std::size_t words_a_leaf = 32;

constexpr std::size_t leaves_at_once = 1024;

/// From this prime on, what is crossed off is added up, and not what is left.
constexpr std::uint64_t first_counted_prime = 400;

template <PrimeTerm T>
class HardLeaves {
  public:
    HardLeaves(const CombinatorialPlan& plan, const Tables& tables, std::span<Part> columns)
        : plan_(plan),
          tables_(tables),
          columns_(columns),
          functions_(leaf_functions<T>()),
          sieve_(plan.segment_bytes),
          before_(sieve_.words()),
          cofactors_(leaves_at_once + 16),
          places_(leaves_at_once),
          coefficients_(leaves_at_once) {}

    void segment(std::uint64_t number) {
        begin_ = 30 * plan_.segment_bytes * number;
        end_ = begin_ + 30 * plan_.segment_bytes;
        sieve_.start(number);
        is_total_known_ = false;
        const std::uint64_t largest =
            std::min({plan_.fourth_root, integer_sqrt(end_ - 1),
                      begin_ == 0 ? plan_.fourth_root : integer_sqrt(plan_.x / begin_)});
        const std::size_t last = std::max(first_primes, tables_.rank(largest));
        for (std::size_t index = first_primes; index < last; ++index) {
            const std::size_t column = index - first_primes;
            prime_ = static_cast<std::uint64_t>(tables_.primes[index]);
            if (column == sieve_.joined()) {
                sieve_.join(prime_);
            }
            leaves(columns_[column]);
            if (prime_ < first_counted_prime) {
                sieve_.cross_off(column);
                is_total_known_ = false;
            } else {
                total_ -= sieve_.cross_off_and_sum<T>(column, prime_);
            }
        }
    }

    [[nodiscard]] uint128 sum() const noexcept { return sum_; }

  private:
    /// Adds up the leaves of prime_ in the segment, and what the segment adds to phi.
    void leaves(Part& column) {
        dividend_ = plan_.x / prime_;
        const std::uint64_t at_least = std::max(begin_, prime_ * prime_);
        const std::uint64_t above = std::max({prime_, plan_.z / prime_, dividend_ / end_});
        segment_ = {};
        cursor_ = {};
        if (prime_ * prime_ <= plan_.z) {
            composite_cofactors(above, std::min(plan_.z, dividend_ / at_least));
        } else {
            prime_cofactors(above, std::min(plan_.y, dividend_ / at_least));
        }
        if (!is_total_known_) {
            if (!is_tabled_) {
                functions_.advance(sieve_.sieved(), cursor_, sieve_.words());
                total_ = cursor_.sum;
            }
            is_total_known_ = prime_ >= first_counted_prime;
        }
        sum_ += term_of<T>(prime_) * (segment_.sum + segment_.weight * column.total);
        column.weight += segment_.weight;
        column.total += total_;
    }

    void composite_cofactors(std::uint64_t above, std::uint64_t up_to) {
        const std::size_t first = factor_entry_from(above + 1);
        const std::size_t last = std::max(first, factor_entry_from(up_to + 1));
        // About a third of the entries are cofactors of a prime.
        choose((last - first) / 3);
        for (std::size_t end = last; end > first;) {
            const std::size_t begin = end - std::min(leaves_at_once, end - first);
            const std::size_t count =
                functions_.collect(tables_.factors.data(), begin, end, prime_, cofactors_.data());
            add(std::span<const std::int32_t>(cofactors_).first(count));
            end = begin;
        }
    }

    void prime_cofactors(std::uint64_t above, std::uint64_t up_to) {
        const std::span<const std::int32_t> primes = tables_.primes_in(above, up_to);
        choose(primes.size());
        for (std::size_t end = primes.size(); end > 0;) {
            const std::size_t begin = end - std::min(leaves_at_once, end);
            add(primes.subspan(begin, end - begin));
            end = begin;
        }
    }

    /// Tables the segment if that many leaves are worth it.
    void choose(std::size_t leaves) {
        is_tabled_ = leaves * words_a_leaf > sieve_.words();
        if (is_tabled_) {
            total_ = functions_.add_up(sieve_.sieved(), sieve_.words(), before_.data());
        }
    }

    /// Adds the leaves of some cofactors up, those of the greatest first.
    void add(std::span<const std::int32_t> cofactors) {
        if (cofactors.empty()) {
            return;
        }
        const std::int64_t weight =
            functions_.place(dividend_, begin_, cofactors, places_.data(), coefficients_.data());
        const auto places = std::span<const std::uint32_t>(places_).first(cofactors.size());
        segment_.sum += is_tabled_ ? functions_.sum_dense(sieve_.sieved(), before_.data(), places,
                                                          coefficients_.data())
                                   : functions_.sum_sparse(sieve_.sieved(), cursor_, places,
                                                           coefficients_.data());
        segment_.weight += static_cast<uint128>(int128{weight});
    }

    const CombinatorialPlan& plan_;
    const Tables& tables_;
    std::span<Part> columns_;
    const LeafFunctions<T>& functions_;
    HardSieve sieve_;
    std::vector<std::uint64_t> before_;
    std::vector<std::int32_t> cofactors_;
    std::vector<std::uint32_t> places_;
    std::vector<std::int64_t> coefficients_;
    uint128 sum_ = 0;
    std::uint64_t begin_ = 0;  ///< of the segment
    std::uint64_t end_ = 0;
    std::uint64_t prime_ = 0;
    std::uint64_t dividend_ = 0;  ///< x / prime
    bool is_tabled_ = false;
    Part segment_;  ///< of the prime
    Cursor cursor_;
    std::uint64_t total_ = 0;  ///< of the segment's numbers that no smaller prime divides
    bool is_total_known_ = false;
};

}  // namespace

template <PrimeTerm T>
uint128 sum_hard_leaves(const CombinatorialPlan& plan, const Tables& tables, std::uint64_t first,
                        std::uint64_t last, std::span<Part> columns) {
    std::fill(columns.begin(), columns.end(), Part{});
    HardLeaves<T> leaves(plan, tables, columns);
    for (std::uint64_t segment = first; segment < last; ++segment) {
        leaves.segment(segment);
    }
    return leaves.sum();
}

template uint128 sum_hard_leaves<PrimeTerm::one>(const CombinatorialPlan&, const Tables&,
                                                 std::uint64_t, std::uint64_t, std::span<Part>);
template uint128 sum_hard_leaves<PrimeTerm::prime>(const CombinatorialPlan&, const Tables&,
                                                   std::uint64_t, std::uint64_t, std::span<Part>);

}  // namespace pinfold::kernels
