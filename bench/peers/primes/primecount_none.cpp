#include "peers/primes/primecount_peer.hpp"

namespace bench {

std::optional<PrimecountPeer> newest_primecount() {
    return {};
}

}  // namespace bench
