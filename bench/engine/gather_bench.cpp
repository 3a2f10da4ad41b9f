// What it costs to join results of any number in one array, in order: 10^8 numbers out of 2 * 10^8,
// by gather() and by vectors of oneTBB's threads.

#include <cstdint>

#include "harness/contest.hpp"
#include "harness/front_door.hpp"
#include "harness/rounds.hpp"
#include "harness/streams.hpp"

namespace {

using namespace bench;
using pinfold::Crew;

constexpr std::uint64_t numbers = 200'000'000;

}  // namespace

int main(int argc, char** argv) {
    return run_benches(argc, argv, [] {
        const auto by_pinfold = [](Crew crew) {
            return [crew] { return make_gather(crew, numbers); };
        };
        const auto by_tbb = [](Join join) {
            return [join] { return make_gather_by_tbb(join, numbers); };
        };
        enter({.name = "gather_1e8",
               .work = checked_work,
               .jobs = 1,
               .rounds = 7,
               .cases = {{"tbb_vectors", by_tbb(Join::by_the_caller)},
                         {"tbb_vectors_joined_by_all", by_tbb(Join::by_all)},
                         {"pinfold_threads", by_pinfold(Crew::threads)},
                         {"pinfold_processes", by_pinfold(Crew::processes)}}});
    });
}
