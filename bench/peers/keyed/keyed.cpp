#include "peers/keyed/keyed.hpp"

namespace bench {

std::span<const Row> rows_of(Keyed keyed) {
    return keyed == Keyed::rows ? rows(100'000'000, share_of(1'000'000))
                                : rows(30'000'000, share_of(10'000'000));
}

MakeRunner keyed_by(Keyed keyed, KeyedPeer peer) {
    switch (keyed) {
        case Keyed::word_count:
            return word_count_by(peer);
        case Keyed::rows:
        case Keyed::many_keys:
            return rows_by(keyed, peer);
        case Keyed::reverse_index:
            return reverse_index_by(peer);
    }
    return {};
}

}  // namespace bench
