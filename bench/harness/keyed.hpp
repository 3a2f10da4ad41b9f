#pragma once

#include <cstdint>
#include <memory>
#include <pinfold/engine/options.hpp>

#include "harness/runner.hpp"

namespace bench {

// These runners check their own answers off the clock, and end the program on a wrong one.

/// What is reduced by key. Inputs are made once, from a fixed seed.
enum class Keyed {
    word_count,     ///< how often each word of a text of 200 MB occurs; Zipf's law, 400,000 words
    rows,           ///< the values of 10^8 rows, added up for each of 10^6 integer keys
    many_keys,      ///< the values of 3 * 10^7 rows, added up for each of 10^7 integer keys
    reverse_index,  ///< the pages that link to each address, from 200 MB of HTML
};

/// By map_reduce_by_key() or group_by() with the default grain, on two workers.
std::unique_ptr<Runner> make_keyed(Keyed keyed, pinfold::Crew crew);

/// How others do it, on two threads, the caller's own included.
enum class KeyedPeer {
    tbb_hash_map,     ///< a concurrent_hash_map with an accessor for each key that occurs
    tbb_combined,     ///< a map for each chunk, which goes into the concurrent_hash_map
    tbb_tables,       ///< flat tables for each thread and partition, merged by partition
    tbb_partitioned,  ///< keys and values laid out by partition, then a flat table for each
    openmp_maps,      ///< a std::unordered_map for each thread, merged by the caller
};

/// Empty where `peer` is no way to do it: those of whole chunks need keys that repeat, and rows are
/// too many for a lock each.
MakeRunner keyed_by(Keyed keyed, KeyedPeer peer);

}  // namespace bench
