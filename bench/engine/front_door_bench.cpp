// What the front door costs: README's loops over a chunk beside the same loops by hand, and the
// programs that people write first beside oneTBB, both with their defaults.

#include <benchmark/benchmark.h>

#include <string>

#include "harness/contest.hpp"
#include "harness/front_door.hpp"
#include "harness/rounds.hpp"

namespace {

using namespace bench;
using pinfold::Crew;

void enter_loop(const std::string& name, LoopBody body) {
    const auto make = [body](LoopStyle style) {
        return [body, style] { return make_loop(body, style); };
    };
    enter({.name = "loop_" + name,
           .work = checked_work,
           .jobs = 30,
           .cases = {{"by_hand", make(LoopStyle::by_hand)},
                     {"begin_to_end", make(LoopStyle::begin_to_end)},
                     {"range_for", make(LoopStyle::range_for)}}});
}

void enter_problem(const std::string& name, Problem problem) {
    const auto by_pinfold = [problem](Crew crew) {
        return [problem, crew] { return make_problem(problem, crew); };
    };
    enter({.name = name,
           .work = checked_work,
           .jobs = 9,
           .cases = {{"tbb", [problem] { return make_problem_by_tbb(problem); }},
                     {"pinfold_threads", by_pinfold(Crew::threads)},
                     {"pinfold_processes", by_pinfold(Crew::processes)}}});
}

}  // namespace

int main(int argc, char** argv) {
    return run_benches(argc, argv, [] {
        enter_loop("integer_sum", LoopBody::integer_sum);
        enter_loop("byte_count", LoopBody::byte_count);
        enter_loop("axpy", LoopBody::axpy);
        enter_problem("linear_regression", Problem::linear_regression);
        enter_problem("histogram", Problem::histogram);
        enter_problem("monte_carlo_pi", Problem::monte_carlo_pi);
        enter_problem("mandelbrot", Problem::mandelbrot);
        enter_problem("matrix_multiply", Problem::matrix_multiply);
        enter_problem("pca", Problem::pca);
    });
}
