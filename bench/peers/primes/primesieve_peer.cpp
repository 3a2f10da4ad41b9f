// Compiled once for each version of libprimesieve, with the name of the function that gives it.
#include "peers/primes/primesieve_peer.hpp"

#include <cstddef>
#include <primesieve.hpp>

namespace bench {
namespace {

PrimesieveSum by_next_prime(Interval interval) {
    PrimesieveSum total;
    primesieve::iterator primes(interval.begin, interval.end);
    for (std::uint64_t p = primes.next_prime(); p < interval.end; p = primes.next_prime()) {
        ++total.count;
        total.sum += p;
    }
    return total;
}

/// Adds about a thousand neighbouring primes: as many times the first one, and 64 bits for what the
/// others are above it.
__attribute__((target_clones("avx512f", "avx2", "default"))) void add_block(
    PrimesieveSum& total, const std::uint64_t* primes, std::size_t size) {
    std::uint64_t above_first = 0;
    for (std::size_t i = 0; i < size; ++i) {
        above_first += primes[i] - primes[0];
    }
    total.count += size;
    total.sum += decltype(total.sum){primes[0]} * size + above_first;
}

PrimesieveSum by_blocks(Interval interval) {
    PrimesieveSum total;
    primesieve::iterator primes(interval.begin, interval.end);
    primes.generate_next_primes();
    while (primes.primes_[primes.size_ - 1] < interval.end) {
        add_block(total, primes.primes_, primes.size_);
        primes.generate_next_primes();
    }
    for (std::size_t i = 0; primes.primes_[i] < interval.end; ++i) {
        ++total.count;
        total.sum += primes.primes_[i];
    }
    return total;
}

std::uint64_t count(Interval interval) {
    primesieve::set_num_threads(1);
    return primesieve::count_primes(interval.begin, interval.end - 1);
}

}  // namespace

[[gnu::visibility("default")]] std::optional<PrimesievePeer> PINFOLD_PRIMESIEVE_PEER() {
    return PrimesievePeer{primesieve::primesieve_version(), count, by_next_prime, by_blocks};
}

}  // namespace bench
