// For a narrow range the set-up of all sieving primes costs more than the range. So only the primes
// below 2^16 sieve it: at 2^64 every fourth number that they leave is prime, and the others are
// found out by a test each. (By Mertens, primes up to y leave 0.56 / ln y of the numbers.)
#include <algorithm>
#include <array>
#include <pinfold/kernels/is_prime.hpp>
#include <pinfold/kernels/prime_sum.hpp>
#include <pinfold/kernels/sieving_primes.hpp>
#include <vector>

#include "arithmetic/number_range.hpp"
#include "sieve/segment_sieve.hpp"
#include "wheel/wheel30.hpp"

namespace pinfold::kernels {
namespace {

/// The end up to which the primes below 2^16 sieve alone.
constexpr std::uint64_t fully_sieved = std::uint64_t{1} << 32;

/// Sums the primes among the numbers that it is given.
class Tester {
  public:
    void add(std::uint64_t number) {
        numbers_[size_] = number;
        if (++size_ == numbers_.size()) {
            test();
        }
    }

    /// The sum over all numbers so far.
    PrimeSum total() {
        test();
        return total_;
    }

  private:
    void test() {
        are_prime({numbers_.data(), size_}, {answers_.data(), size_});
        for (std::size_t i = 0; i < size_; ++i) {
            if (answers_[i] != 0) {
                total_ += {1, numbers_[i]};
            }
        }
        size_ = 0;
    }

    std::array<std::uint64_t, 1024> numbers_{};
    std::array<std::uint8_t, 1024> answers_{};
    std::size_t size_ = 0;
    PrimeSum total_;
};

PrimeSum test_survivors(std::uint64_t begin, uint128 end, std::span<const std::byte> primes) {
    Tester tester;
    for (uint128 at = begin; at < end; at += SegmentSieve::max_span) {
        SegmentSieve sieve(static_cast<std::uint64_t>(at),
                           std::min(end, at + SegmentSieve::max_span), primes);
        for (auto segment = sieve.next(); !segment.bits.empty(); segment = sieve.next()) {
            for_each_prime(
                std::as_bytes(segment.bits), 0, 30 * segment.bits.size(),
                [&](std::uint64_t number) { tester.add(segment.first_number + number); });
        }
    }
    return tester.total();
}

}  // namespace

PrimeSum prime_sum_by_testing(std::uint64_t begin, uint128 end) {
    require_range(begin, end);
    if (end <= fully_sieved) {
        return prime_sum(begin, end);
    }
    PrimeSum total;
    if (begin < fully_sieved) {
        total = prime_sum(begin, fully_sieved);
        begin = fully_sieved;
    }
    std::vector<std::byte> primes(sieving_bitmap_bytes(fully_sieved));
    find_sieving_primes(0, primes.size(), primes);
    return total + test_survivors(begin, end, primes);
}

}  // namespace pinfold::kernels
