// Sorts, beside std::execution::par and oneTBB: 10^8 numbers, and 3 * 10^7 keys with values.

#include <string>

#include "harness/algorithms.hpp"
#include "harness/contest.hpp"
#include "harness/front_door.hpp"
#include "harness/rounds.hpp"

namespace {

using namespace bench;
using pinfold::Crew;

void enter_order(const std::string& name, Order order) {
    const auto by_pinfold = [order](Crew crew) {
        return [order, crew] { return make_order(order, crew); };
    };
    // Worker processes meet each page on their own. A sort's workers meet all in a job or two; the
    // greatest are found in less time than that takes, so more jobs warm up.
    const bool is_short = order == Order::top_k;
    enter({.name = name,
           .work = checked_work,
           .jobs = is_short ? 5 : 1,
           .rounds = 3,
           .warm_ups = is_short ? 10 : 1,
           .cases = {{"std_stable_par", order_by(order, OrderPeer::std_stable_par)},
                     {"tbb", order_by(order, OrderPeer::tbb)},
                     {"std_partial", order_by(order, OrderPeer::std_partial)},
                     {"pinfold_threads", by_pinfold(Crew::threads)},
                     {"pinfold_processes", by_pinfold(Crew::processes)}}});
}

}  // namespace

int main(int argc, char** argv) {
    return run_benches(argc, argv, [] {
        enter_order("sort", Order::sort);
        enter_order("sort_by_key", Order::sort_by_key);
        enter_order("top_k", Order::top_k);
    });
}
