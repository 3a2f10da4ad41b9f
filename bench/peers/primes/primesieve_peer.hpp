#pragma once

#include <cstdint>
#include <optional>
#include <string>

// Nothing of pinfold: a source that includes this may be part of a shared library without pinfold.
namespace bench {

struct Interval {
    std::uint64_t begin;
    std::uint64_t end;
};

/// How many primes, and their sum.
struct PrimesieveSum {
    std::uint64_t count = 0;
    __extension__ unsigned __int128 sum = 0;
};

/// What a version of libprimesieve can do with the primes of an interval, on the caller's thread.
struct PrimesievePeer {
    std::string version;
    std::uint64_t (*count)(Interval);
    PrimesieveSum (*by_next_prime)(Interval);  ///< prime by prime, through its iterator
    PrimesieveSum (*by_blocks)(Interval);      ///< by the blocks of primes that the iterator makes
};

/// The library that pkg-config finds.
std::optional<PrimesievePeer> packaged_primesieve();

/// The one below PINFOLD_PRIMESIEVE_DIR, if the build was given that.
std::optional<PrimesievePeer> newest_primesieve();

}  // namespace bench
