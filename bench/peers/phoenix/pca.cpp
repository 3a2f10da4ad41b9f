#define main pca_main
#define parse_args pca_parse_args
#define grid_size pca_grid_size
#include <tests/pca/pca.cpp>
#undef main

#include "peers/phoenix/programs.hpp"
#include "peers/phoenix/seconds.hpp"

namespace bench::phoenix {

Timed pca(int* matrix, int rows, int columns) {
    num_rows = rows;
    num_cols = columns;
    std::vector<long long> means(static_cast<std::size_t>(rows));
    MeanMR mean_program(matrix);
    CovMR program(matrix, means.data());
    std::vector<CovMR::keyval> result;
    Timed timed;
    timed.seconds = seconds_of([&] {
        std::vector<MeanMR::keyval> of_rows;
        mean_program.run(of_rows);
        for (const auto& of : of_rows) {
            means.at(static_cast<std::size_t>(of.key)) = of.val;
        }
        program.run(result);
    });
    for (const auto& of : result) {  // sorted by pairs of rows
        timed.found.push_back(static_cast<std::uint64_t>(of.val));
    }
    return timed;
}

}  // namespace bench::phoenix
