// Algorithms that go once over their input, beside oneTBB, OpenMP and std::execution::par: 10^8
// elements.

#include <string>

#include "harness/algorithms.hpp"
#include "harness/contest.hpp"
#include "harness/front_door.hpp"
#include "harness/rounds.hpp"

namespace {

using namespace bench;
using pinfold::Crew;

void enter_scan(const std::string& name, Scan scan) {
    const auto by_pinfold = [scan](Crew crew) {
        return [scan, crew] { return make_scan(scan, crew); };
    };
    // Worker processes meet each page of the input on their own: some jobs warm up.
    enter({.name = name,
           .work = checked_work,
           .jobs = 5,
           .rounds = 5,
           .warm_ups = 10,
           .cases = {{"tbb", scan_by(scan, ScanPeer::tbb)},
                     {"std_par", scan_by(scan, ScanPeer::std_par)},
                     {"std_par_reused", scan_by(scan, ScanPeer::std_par_reused)},
                     {"openmp", scan_by(scan, ScanPeer::openmp)},
                     {"pinfold_threads", by_pinfold(Crew::threads)},
                     {"pinfold_processes", by_pinfold(Crew::processes)}}});
}

}  // namespace

int main(int argc, char** argv) {
    return run_benches(argc, argv, [] {
        enter_scan("inclusive_scan", Scan::inclusive_scan);
        enter_scan("copy_if", Scan::copy_if);
        enter_scan("find_if", Scan::find_if);
        enter_scan("histogram", Scan::histogram);
    });
}
