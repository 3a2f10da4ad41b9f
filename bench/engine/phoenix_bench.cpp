// The seven workloads of Phoenix++, beside its own programs.

#include <string>

#include "harness/contest.hpp"
#include "harness/front_door.hpp"
#include "harness/phoenix.hpp"
#include "harness/rounds.hpp"

namespace {

using namespace bench;
using pinfold::Crew;

void enter_workload(const std::string& name, Phoenix workload) {
    const auto by_pinfold = [workload](Crew crew) {
        return [workload, crew] { return make_phoenix_by_pinfold(workload, crew); };
    };
    enter({.name = name,
           .work = checked_work,
           .jobs = 3,
           .rounds = 5,
           .warm_ups = 1,
           .cases = {{"phoenix", phoenix_program(workload)},
                     {"pinfold_threads", by_pinfold(Crew::threads)},
                     {"pinfold_processes", by_pinfold(Crew::processes)}}});
}

}  // namespace

int main(int argc, char** argv) {
    return run_benches(argc, argv, [] {
        enter_workload("histogram", Phoenix::histogram);
        enter_workload("kmeans", Phoenix::kmeans);
        enter_workload("linear_regression", Phoenix::linear_regression);
        enter_workload("matrix_multiply", Phoenix::matrix_multiply);
        enter_workload("pca", Phoenix::pca);
        enter_workload("string_match", Phoenix::string_match);
    });
}
