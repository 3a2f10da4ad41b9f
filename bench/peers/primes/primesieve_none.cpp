#include "peers/primes/primesieve_peer.hpp"

namespace bench {

std::optional<PrimesievePeer> newest_primesieve() {
    return {};
}

}  // namespace bench
