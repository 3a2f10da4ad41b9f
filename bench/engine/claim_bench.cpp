// What surviving a crash costs while nothing crashes: chunk states, claims that name their owner,
// the supervisor, the report. The first case of each contest is the same loop without any of it.

#include <benchmark/benchmark.h>

#include <string>

#include "harness/contest.hpp"
#include "harness/rounds.hpp"
#include "harness/runners.hpp"

namespace {

using namespace bench;
using pinfold::Crew;

/// One party that claims from a bare counter of its own, beside one worker: no cache line is fought
/// over, and in the serial crew none moves, so that one is the protocol alone. The bare loop does
/// not claim at all.
void enter_one_worker(const std::string& name, Work work, int jobs) {
    enter({.name = name + "_1_worker",
           .work = work,
           .jobs = jobs,
           .cases = {
               {"bare", [] { return make_bare_processes(Handshake::futex, 1); }},
               {"bare_loop", make_bare_loop},
               {"pinfold_serial", [] { return make_pinfold(Crew::serial, 1); }},
               {"pinfold_processes", [] { return make_pinfold(Crew::processes, 1); }},
           }});
}

/// Two workers beside two processes that claim from a bare counter.
void enter_two_workers(const std::string& name, Work work, int jobs) {
    enter({.name = name + "_2_workers",
           .work = work,
           .jobs = jobs,
           .least_share = 0.3,
           .cases = {
               {"bare_futex", [] { return make_bare_processes(Handshake::futex, 2); }},
               {"bare_spin", [] { return make_bare_processes(Handshake::spin, 2); }},
               {"pinfold_processes", [] { return make_pinfold(Crew::processes, 2); }},
           }});
}

}  // namespace

int main(int argc, char** argv) {
    return run_benches(argc, argv, [] {
        MicrosecondChunk::calibrate();
        enter_one_worker("65536_empty_chunks", {65536, Work::Map::empty}, 30);
        enter_two_workers("65536_empty_chunks", {65536, Work::Map::empty}, 30);
        enter_one_worker("4096_microsecond_chunks", {4096, Work::Map::microsecond}, 15);
        enter_two_workers("4096_microsecond_chunks", {4096, Work::Map::microsecond}, 15);
    });
}
