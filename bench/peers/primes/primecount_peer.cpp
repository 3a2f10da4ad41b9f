// Compiled once for each version of libprimecount, with the name of the function that gives it.
#include "peers/primes/primecount_peer.hpp"

#include <primecount.h>

namespace bench {
namespace {

std::uint64_t count_up_to(std::uint64_t x, int threads) {
    primecount_set_num_threads(threads);
    return static_cast<std::uint64_t>(primecount_pi(static_cast<std::int64_t>(x)));
}

}  // namespace

[[gnu::visibility("default")]] std::optional<PrimecountPeer> PINFOLD_PRIMECOUNT_PEER() {
    return PrimecountPeer{primecount_version(), count_up_to};
}

}  // namespace bench
