// What a job and a chunk cost on each crew, beside oneTBB, OpenMP and bare processes. Two workers
// (or threads, the caller included) everywhere, so that the figures of different machines are of
// the same thing. In each contest the first case is what vs_first compares with.

#include <benchmark/benchmark.h>

#include "harness/contest.hpp"
#include "harness/rounds.hpp"
#include "harness/runners.hpp"

namespace {

using namespace bench;
using pinfold::Crew;

constexpr int two = 2;

/// In contests of thousands of chunks a job does not count if one of two parties ran fewer.
constexpr double fair_share = 0.3;

Case plain_loop() {
    return {"plain_loop", make_plain};
}
Case tbb_reduce() {
    return {"tbb_reduce", [] { return make_tbb_reduce(two); }};
}
Case tbb_for() {
    return {"tbb_for", [] { return make_tbb_for(two); }};
}
Case openmp_dynamic() {
    return {"openmp_dynamic", [] { return make_openmp(two); }};
}
Case fork_union_dynamic() {
    return {"fork_union_dynamic", fork_union(two)};
}
Case bare_spin() {
    return {"bare_spin", [] { return make_bare_processes(Handshake::spin, two); }};
}
Case bare_futex() {
    return {"bare_futex", [] { return make_bare_processes(Handshake::futex, two); }};
}
Case line_round_trip() {
    return {"line_round_trip", make_line_round_trip};
}
Case pinfold_serial() {
    return {"pinfold_serial", [] { return make_pinfold(Crew::serial, 1); }};
}
Case pinfold_threads() {
    return {"pinfold_threads", [] { return make_pinfold(Crew::threads, two); }};
}
Case pinfold_processes() {
    return {"pinfold_processes", [] { return make_pinfold(Crew::processes, two); }};
}
Case pinfold_processes_1_worker() {
    return {"pinfold_processes_1_worker", [] { return make_pinfold(Crew::processes, 1); }};
}

/// The whole cost of chunks: claim, call, commit, fold.
void enter_empty_chunks() {
    enter({.name = "4096_empty_chunks",
           .work = {4096, Work::Map::empty},
           .jobs = 130,
           .least_share = fair_share,
           .cases = {tbb_reduce(), tbb_for(), openmp_dynamic(), fork_union_dynamic(), bare_spin(),
                     bare_futex(), pinfold_serial(), pinfold_threads(), pinfold_processes()}});
}

/// The cost of a job alone, one after the other. With one worker on two CPUs everybody has a CPU of
/// its own and may spin; with two workers the host is a third party, and sleeps. The round trip of
/// a cache line is the least that any answer from another CPU takes.
void enter_one_chunk() {
    enter({.name = "1_empty_chunk",
           .work = {1, Work::Map::empty},
           .jobs = 300,
           .cases = {bare_futex(), bare_spin(), line_round_trip(), tbb_reduce(), openmp_dynamic(),
                     fork_union_dynamic(), pinfold_serial(), pinfold_threads(), pinfold_processes(),
                     pinfold_processes_1_worker()}});
}

/// The cost of a job when the workers have slept for some milliseconds: one chunk for each of them.
void enter_cold() {
    enter({.name = "cold_2_empty_chunks",
           .work = {2, Work::Map::empty},
           .jobs = 20,
           .pause = std::chrono::milliseconds(5),
           .cases = {tbb_reduce(), openmp_dynamic(), bare_futex(), pinfold_serial(),
                     pinfold_threads(), pinfold_processes()}});
}

/// Chunks as small as they should ever be. The first case is one CPU's time, so 0.5 is the floor.
void enter_microsecond_chunks() {
    enter({.name = "4096_microsecond_chunks",
           .work = {4096, Work::Map::microsecond},
           .jobs = 15,
           .least_share = fair_share,
           .cases = {plain_loop(), tbb_reduce(), tbb_for(), openmp_dynamic(), fork_union_dynamic(),
                     bare_spin(), bare_futex(), pinfold_serial(), pinfold_threads(),
                     pinfold_processes()}});
}

/// The same with a timeline for each job, beside jobs without one.
void enter_traced(const char* name, Work::Map map, pinfold::Crew crew, int jobs) {
    enter({.name = name,
           .work = {4096, map},
           .jobs = jobs,
           .least_share = fair_share,
           .cases = {{"plain", [crew] { return make_pinfold(crew, two); }},
                     {"traced", [crew] { return make_traced_pinfold(crew, two); }}}});
}

}  // namespace

int main(int argc, char** argv) {
    return run_benches(argc, argv, [] {
        MicrosecondChunk::calibrate();
        enter_empty_chunks();
        enter_one_chunk();
        enter_cold();
        enter_microsecond_chunks();
        enter_traced("traced_microseconds_on_processes", Work::Map::microsecond, Crew::processes,
                     15);
        enter_traced("traced_microseconds_on_threads", Work::Map::microsecond, Crew::threads, 15);
        enter_traced("traced_empty_chunks_on_processes", Work::Map::empty, Crew::processes, 100);
    });
}
