// What a task costs, beside oneTBB's task_group and arena, two bare processes, and Python's pools:
// from submit to result, and in a stream with 1 and 64 in flight; a million of them; and what tasks
// and a job cost each other. In each contest the first case is what vs_first compares with.
//
// A job of a contest is `chunks` tasks, so chunk_ns is a task's time.

#include <benchmark/benchmark.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "harness/contest.hpp"
#include "harness/rounds.hpp"
#include "harness/runners.hpp"
#include "harness/task_runners.hpp"
#include "harness/tasks_beside_jobs.hpp"

namespace {

using namespace bench;
using pinfold::Crew;

constexpr int two = 2;

Case pinfold_tasks(const char* name, Crew crew, int workers, std::uint64_t in_flight) {
    return {name, [=] { return make_pinfold_tasks(crew, workers, in_flight); }};
}
Case futex_ping_pong() {
    return {"futex_ping_pong", make_futex_ping_pong};
}
Case line_round_trip() {
    return {"line_round_trip", make_line_round_trip};
}
Case slot_ring(std::uint64_t in_flight) {
    return {"slot_ring", [=] { return make_slot_ring(in_flight); }};
}
Case tbb_task_group(std::uint64_t in_flight) {
    return {"tbb_task_group", [=] { return make_tbb_task_group(two, in_flight); }};
}
Case tbb_enqueue(int threads, std::uint64_t in_flight) {
    return {"tbb_enqueue", [=] { return make_tbb_enqueue(threads, in_flight); }};
}

void add_python(std::vector<Case>& cases, std::uint64_t in_flight) {
    using enum PythonPool;
    cases.push_back({"python_multiprocessing_pool", python_pool(multiprocessing_pool, in_flight)});
    cases.push_back({"python_multiprocessing_thread_pool",
                     python_pool(multiprocessing_thread_pool, in_flight)});
    cases.push_back({"python_thread_pool_executor", python_pool(thread_pool_executor, in_flight)});
    cases.push_back(
        {"python_process_pool_executor", python_pool(process_pool_executor, in_flight)});
}

void add_pinfold(std::vector<Case>& cases, std::uint64_t in_flight) {
    cases.push_back(pinfold_tasks("pinfold_processes_1_worker", Crew::processes, 1, in_flight));
    cases.push_back(pinfold_tasks("pinfold_processes", Crew::processes, two, in_flight));
    cases.push_back(pinfold_tasks("pinfold_threads", Crew::threads, two, in_flight));
}

/// One empty task after the other, of which each is waited for. With one worker on two CPUs both
/// sides have a CPU of their own, and spin.
void enter_one_in_a_row() {
    Contest contest{.name = "submit_to_result", .work = {1, Work::Map::empty}, .jobs = 1000};
    contest.cases = {slot_ring(1), line_round_trip(), futex_ping_pong(), tbb_enqueue(1, 1)};
    add_pinfold(contest.cases, 1);
    enter(std::move(contest));
}

/// The same when the worker has slept for some milliseconds.
void enter_one_asleep() {
    Contest contest{.name = "submit_to_result_asleep",
                    .work = {1, Work::Map::empty},
                    .jobs = 50,
                    .pause = std::chrono::milliseconds(2)};
    contest.cases = {futex_ping_pong(), slot_ring(1), tbb_enqueue(1, 1)};
    add_pinfold(contest.cases, 1);
    enter(std::move(contest));
}

/// Tasks of so many microseconds each.
void enter_stream(std::uint64_t microseconds, std::uint64_t in_flight, std::uint64_t tasks) {
    const Work work = microseconds == 0 ? Work{tasks, Work::Map::empty}
                                        : Work{tasks, Work::Map::microsecond, microseconds};
    Contest contest{.name = "tasks_of_" + std::to_string(microseconds) + "_us_" +
                            std::to_string(in_flight) + "_in_flight",
                    .work = work,
                    .jobs = 3,
                    .rounds = 7,
                    .warm_ups = 1};
    contest.cases = {tbb_task_group(in_flight), tbb_enqueue(two, in_flight), slot_ring(in_flight)};
    add_pinfold(contest.cases, in_flight);
    add_python(contest.cases, in_flight);
    enter(std::move(contest));
}

/// At constant memory, which the runners check. The slot ring has its own best, a window of 64.
void enter_a_million() {
    constexpr std::uint64_t in_flight = 4096;
    Contest contest{.name = "a_million_empty_tasks",
                    .work = {1'000'000, Work::Map::empty},
                    .jobs = 1,
                    .rounds = 5,
                    .warm_ups = 1};
    contest.cases = {tbb_task_group(in_flight), slot_ring(64), tbb_enqueue(two, in_flight)};
    add_pinfold(contest.cases, in_flight);
    enter(std::move(contest));
}

}  // namespace

int main(int argc, char** argv) {
    return run_benches(argc, argv, [] {
        MicrosecondChunk::calibrate();
        enter_one_in_a_row();
        enter_one_asleep();
        enter_stream(0, 1, 500);
        enter_stream(0, 64, 20'000);
        enter_stream(1, 1, 500);
        enter_stream(1, 64, 10'000);
        enter_stream(10, 1, 500);
        enter_stream(10, 64, 2'000);
        enter_stream(100, 1, 200);
        enter_stream(100, 64, 400);
        enter_a_million();
        enter_tasks_beside_jobs();
    });
}
