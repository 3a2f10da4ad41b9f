// The seven workloads of Phoenix++, beside its own programs.

#include <string>

#include "harness/contest.hpp"
#include "harness/front_door.hpp"
#include "harness/phoenix.hpp"
#include "harness/rounds.hpp"

namespace {

using namespace bench;
using pinfold::Crew;

/// Worker processes meet each page of the input on their own: short jobs need more of them.
void enter_workload(const std::string& name, Phoenix workload, int warm_ups = 1) {
    const auto by_pinfold = [workload](Crew crew) {
        return [workload, crew] { return make_phoenix_by_pinfold(workload, crew); };
    };
    enter({.name = name,
           .work = checked_work,
           .jobs = 3,
           .rounds = 5,
           .warm_ups = warm_ups,
           .cases = {{"phoenix", phoenix_program(workload)},
                     {"pinfold_threads", by_pinfold(Crew::threads)},
                     {"pinfold_processes", by_pinfold(Crew::processes)}}});
}

}  // namespace

int main(int argc, char** argv) {
    return run_benches(argc, argv, [] {
        enter_workload("histogram", Phoenix::histogram, 15);
        enter_workload("kmeans", Phoenix::kmeans);
        enter_workload("linear_regression", Phoenix::linear_regression, 15);
        enter_workload("matrix_multiply", Phoenix::matrix_multiply);
        enter_workload("pca", Phoenix::pca);
        enter_workload("string_match", Phoenix::string_match, 5);
        enter_workload("word_count", Phoenix::word_count);
    });
}
