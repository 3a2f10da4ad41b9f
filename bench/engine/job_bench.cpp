// What a job and a chunk cost on each crew, beside oneTBB, OpenMP and bare processes. Two workers
// (or threads, the caller included) everywhere, so that the figures of different machines are of
// the same thing. In each contest the first case is what vs_first compares with.

#include <benchmark/benchmark.h>

#include "harness/compare.hpp"
#include "harness/runners.hpp"

namespace {

using namespace bench;
using pinfold::Crew;

constexpr int two = 2;

void enter_crews(const Contest& contest) {
    enter(contest, "pinfold_serial", [] { return make_pinfold(Crew::serial, 1); });
    enter(contest, "pinfold_threads", [] { return make_pinfold(Crew::threads, two); });
    enter(contest, "pinfold_processes", [] { return make_pinfold(Crew::processes, two); });
}

void enter_peers(const Contest& contest) {
    enter(contest, "tbb_for", [] { return make_tbb_for(two); });
    enter(contest, "openmp_dynamic", [] { return make_openmp(two); });
    enter(contest, "bare_spin", [] { return make_bare_processes(Handshake::spin, two); });
    enter(contest, "bare_futex", [] { return make_bare_processes(Handshake::futex, two); });
}

/// The whole cost of chunks: claim, call, commit, fold.
void enter_empty_chunks() {
    const Contest contest{
        .name = "4096_empty_chunks", .work = {4096, Work::Map::empty}, .repeats = 2000};
    enter(contest, "tbb_reduce", [] { return make_tbb_reduce(two); });
    enter_peers(contest);
    enter_crews(contest);
}

/// The cost of a job alone, one after the other. With one worker on two CPUs everybody has a CPU of
/// its own and may spin; with two workers the host is a third party, and all sleep.
void enter_one_chunk() {
    const Contest contest{.name = "1_empty_chunk", .work = {1, Work::Map::empty}, .repeats = 5000};
    enter(contest, "bare_futex", [] { return make_bare_processes(Handshake::futex, two); });
    enter(contest, "bare_spin", [] { return make_bare_processes(Handshake::spin, two); });
    enter(contest, "tbb_reduce", [] { return make_tbb_reduce(two); });
    enter(contest, "openmp_dynamic", [] { return make_openmp(two); });
    enter_crews(contest);
    enter(contest, "pinfold_processes_1_worker", [] { return make_pinfold(Crew::processes, 1); });
}

/// The cost of a job when the workers have slept for some milliseconds: one chunk for each of them.
void enter_cold() {
    const Contest contest{.name = "cold_2_empty_chunks",
                          .work = {2, Work::Map::empty},
                          .repeats = 200,
                          .pause = std::chrono::milliseconds(5)};
    enter(contest, "tbb_reduce", [] { return make_tbb_reduce(two); });
    enter(contest, "openmp_dynamic", [] { return make_openmp(two); });
    enter(contest, "bare_futex", [] { return make_bare_processes(Handshake::futex, two); });
    enter_crews(contest);
}

/// Chunks as small as they should ever be. The first case is one CPU's time, so 0.5 is the floor.
void enter_microsecond_chunks() {
    const Contest contest{
        .name = "4096_microsecond_chunks", .work = {4096, Work::Map::microsecond}, .repeats = 200};
    enter(contest, "plain_loop", make_plain);
    enter(contest, "tbb_reduce", [] { return make_tbb_reduce(two); });
    enter_peers(contest);
    enter_crews(contest);
}

}  // namespace

int main(int argc, char** argv) {
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) {
        return 1;
    }
    MicrosecondChunk::calibrate();
    enter_empty_chunks();
    enter_one_chunk();
    enter_cold();
    enter_microsecond_chunks();
    benchmark::RunSpecifiedBenchmarks();
    benchmark::Shutdown();
}
