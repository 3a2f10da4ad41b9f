// Reductions by key, beside what people build of oneTBB and OpenMP for them.

#include <string>

#include "harness/contest.hpp"
#include "harness/front_door.hpp"
#include "harness/keyed.hpp"
#include "harness/rounds.hpp"

namespace {

using namespace bench;
using pinfold::Crew;

void enter_keyed(const std::string& name, Keyed keyed) {
    const auto by_pinfold = [keyed](Crew crew) {
        return [keyed, crew] { return make_keyed(keyed, crew); };
    };
    enter({.name = name,
           .work = checked_work,
           .jobs = 1,
           .rounds = 3,
           .warm_ups = 1,
           .cases = {{"tbb_hash_map", keyed_by(keyed, KeyedPeer::tbb_hash_map)},
                     {"tbb_combined", keyed_by(keyed, KeyedPeer::tbb_combined)},
                     {"tbb_partitioned", keyed_by(keyed, KeyedPeer::tbb_partitioned)},
                     {"tbb_tables", keyed_by(keyed, KeyedPeer::tbb_tables)},
                     {"openmp_maps", keyed_by(keyed, KeyedPeer::openmp_maps)},
                     {"pinfold_threads", by_pinfold(Crew::threads)},
                     {"pinfold_processes", by_pinfold(Crew::processes)}}});
}

}  // namespace

int main(int argc, char** argv) {
    return run_benches(argc, argv, [] {
        enter_keyed("word_count", Keyed::word_count);
        enter_keyed("rows", Keyed::rows);
        enter_keyed("many_keys", Keyed::many_keys);
        enter_keyed("reverse_index", Keyed::reverse_index);
    });
}
