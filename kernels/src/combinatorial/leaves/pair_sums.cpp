// The numbers up to x with exactly two prime factors p <= q, both above y: for each p the primes q
// from p up to x / p. A sieve runs upwards over x / p while p runs downwards.
#include <algorithm>
#include <bit>
#include <cstring>
#include <vector>

#include "combinatorial/leaves/combinatorial_functions.hpp"
#include "combinatorial/leaves/leaves.hpp"
#include "sieve/segment_sieve.hpp"

namespace pinfold::kernels {
namespace {

/// The primes up to `from`, downwards to above `to`.
class Descending {
  public:
    Descending(std::span<const SumWord> table, std::uint64_t from, std::uint64_t to) noexcept
        : table_(table), to_(to), word_(from / numbers_per_word) {
        bits_ = table[word_].primes & bits_up_to[from % numbers_per_word];
        find();
    }
    /// The prime that is next; 0 at the end.
    [[nodiscard]] std::uint64_t prime() const noexcept { return prime_; }
    void next() noexcept {
        bits_ ^= std::bit_floor(bits_);
        find();
    }

  private:
    void find() noexcept {
        while (bits_ == 0 && word_ > 0) {
            bits_ = table_[--word_].primes;
        }
        prime_ = bits_ == 0
                     ? 0
                     : numbers_per_word * word_ +
                           number_of_bit[63U - static_cast<unsigned>(std::countl_zero(bits_))];
        prime_ = prime_ > to_ ? prime_ : 0;
    }

    std::span<const SumWord> table_;
    std::uint64_t to_;
    std::uint64_t word_;
    std::uint64_t bits_ = 0;
    std::uint64_t prime_ = 0;
};

/// The places in a segment where the count is wanted, some at a time.
struct Wanted {
    static constexpr std::size_t at_once = 1024;
    std::vector<std::uint32_t> places = std::vector<std::uint32_t>(at_once);
    std::vector<std::int64_t> coefficients = std::vector<std::int64_t>(at_once);
    std::size_t count = 0;
};

template <PrimeTerm T>
class PairSums {
  public:
    PairSums(const CombinatorialPlan& plan, const Tables& tables, Descending primes)
        : x_(plan.x), functions_(leaf_functions<T>()), primes_(primes) {
        if (primes.prime() != 0) {
            up_to_prime_ = sum_up_to<T>(tables.sums.data(), primes.prime());
        }
    }

    void add(const SegmentSieve::Segment& segment) {
        // The segment's bytes are aligned for vectors, so they are words too.
        words_.resize(segment.bits.size() / sizeof(std::uint64_t));
        std::memcpy(words_.data(), segment.bits.data(), segment.bits.size());
        const Sieved sieved = {words_.data(), segment.first_number};
        const std::uint64_t end = segment.first_number + 30 * segment.bits.size();
        Cursor cursor;
        while (list(segment.first_number, end)) {
            part_.sum += functions_.sum_sparse(
                sieved, cursor, std::span<const std::uint32_t>(wanted_.places).first(wanted_.count),
                wanted_.coefficients.data());
            part_.sum += weight_ * part_.total;
            part_.weight += weight_;
        }
        functions_.advance(sieved, cursor, words_.size());
        part_.total += cursor.sum;
    }

    [[nodiscard]] const Part& part() const noexcept { return part_; }

  private:
    /// Takes the next primes p with x / p below `end`; says whether there was one. The q below p,
    /// which all were counted, go at once.
    bool list(std::uint64_t first, std::uint64_t end) {
        wanted_.count = 0;
        weight_ = 0;
        for (; wanted_.count < Wanted::at_once && primes_.prime() != 0; primes_.next()) {
            const std::uint64_t prime = primes_.prime();
            const std::uint64_t quotient = x_ / prime;
            if (quotient >= end) {
                break;
            }
            wanted_.places[wanted_.count] = static_cast<std::uint32_t>(quotient - first);
            const std::uint64_t term = term_of<T>(prime);
            wanted_.coefficients[wanted_.count++] = static_cast<std::int64_t>(term);
            weight_ += term;
            up_to_prime_ -= term;
            part_.sum -= uint128{term} * up_to_prime_;
        }
        return wanted_.count != 0;
    }

    std::uint64_t x_;
    const LeafFunctions<T>& functions_;
    Descending primes_;
    std::uint64_t up_to_prime_ = 0;  ///< the sum of f over the primes up to the next one
    std::vector<std::uint64_t> words_;
    Wanted wanted_;
    uint128 weight_ = 0;
    Part part_;
};

}  // namespace

template <PrimeTerm T>
Part sum_pairs(const CombinatorialPlan& plan, const RootPrimes& primes, const Tables& tables,
               std::uint64_t first, std::uint64_t last) {
    const std::uint64_t from = std::min(plan.root, plan.x / first);
    const std::uint64_t to = std::max(plan.y, plan.x / last);
    PairSums<T> sums(plan, tables, Descending(tables.sums, from, to));
    SegmentSieve sieve(first, last, primes.bitmap.first(root_bytes(plan)));
    for (auto segment = sieve.next(); !segment.bits.empty(); segment = sieve.next()) {
        sums.add(segment);
    }
    return sums.part();
}

template Part sum_pairs<PrimeTerm::one>(const CombinatorialPlan&, const RootPrimes&, const Tables&,
                                        std::uint64_t, std::uint64_t);
template Part sum_pairs<PrimeTerm::prime>(const CombinatorialPlan&, const RootPrimes&,
                                          const Tables&, std::uint64_t, std::uint64_t);

}  // namespace pinfold::kernels
