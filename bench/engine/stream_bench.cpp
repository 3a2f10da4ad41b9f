// What it costs to write results to a file, in order, while others are made: lines of numbers, by
// stream() and by oneTBB's parallel_pipeline. And what the look-ahead changes.

#include <cstdint>
#include <string>
#include <vector>

#include "harness/contest.hpp"
#include "harness/front_door.hpp"
#include "harness/rounds.hpp"
#include "harness/streams.hpp"

namespace {

using namespace bench;
using pinfold::Crew;

// Some for each thread, as oneTBB's own examples take.
constexpr std::uint64_t under_way = 16;

MakeRunner by_pinfold(Crew crew, std::uint64_t look_ahead = 0) {
    return [=] { return make_file_stream(crew, look_ahead); };
}

}  // namespace

int main(int argc, char** argv) {
    return run_benches(argc, argv, [] {
        const Case tbb{"tbb_pipeline", [] { return make_file_pipeline_by_tbb(under_way); }};
        enter({.name = "lines_to_a_file",
               .work = checked_work,
               .jobs = 5,
               .cases = {tbb,
                         {"pinfold_threads", by_pinfold(Crew::threads)},
                         {"pinfold_processes", by_pinfold(Crew::processes)}}});
        std::vector<Case> cases{tbb};
        for (const std::uint64_t look_ahead : {2U, 8U, 32U, 128U, 512U, 2048U}) {
            cases.push_back({std::to_string(look_ahead), by_pinfold(Crew::processes, look_ahead)});
        }
        enter({.name = "look_ahead",
               .work = checked_work,
               .jobs = 3,
               .rounds = 7,
               .cases = std::move(cases)});
    });
}
