#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <pinfold/api.hpp>
#include <pinfold/kernels/prime_sum.hpp>
#include <pinfold/kernels/super_ranges.hpp>
#include <span>

namespace pinfold::kernels {

/// prime_sum() for the chunks of one worker. A chunk that begins where the last one ended goes on
/// from there, without a set-up. What the cursor keeps changes no value, so chunks may come in any
/// order, and from different jobs.
///
///     using namespace pinfold::kernels;
///     std::vector<std::byte> primes(sieving_bitmap_bytes(200));
///     find_sieving_primes(0, primes.size(), primes);
///     PrimeSumCursor cursor;
///     const PrimeSum first = cursor.sum(0, 100, primes);
///     const PrimeSum second = cursor.sum(100, 200, primes);  // goes on from there
///     assert(first.count == 25 && second.count == 21);
///
/// Thread-safety: one thread at a time; keep one per thread. Memory: up to 40 MiB between calls,
/// and during a call what prime_sum() needs.
class PINFOLD_API PrimeSumCursor {
  public:
    PrimeSumCursor();
    ~PrimeSumCursor();

    /// The value of prime_sum(begin, end, sieving_primes). Above 4.5·10^15 it does not go on: each
    /// chunk is set up anew. Throws as prime_sum() does.
    [[nodiscard]] PrimeSum sum(std::uint64_t begin, uint128 end,
                               std::span<const std::byte> sieving_primes);

    /// The same for a chunk of a super-range. `lists` holds the large multiples of that
    /// super-range, of all slices.
    ///
    /// Run time: about 1 ns per number, plus up to 50 ms where it does not go on. Segments of
    /// 31,457,280 numbers are counted from the begin of the super-range; a chunk that begins or
    /// ends within one reads the whole of its lists. Throws: as prime_sum(); std::invalid_argument
    /// when the chunk crosses a super-range's border or the lists are too short.
    [[nodiscard]] PrimeSum sum(std::uint64_t begin, uint128 end,
                               std::span<const std::byte> sieving_primes, const SuperRanges& plan,
                               std::span<const std::byte> lists);

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace pinfold::kernels
