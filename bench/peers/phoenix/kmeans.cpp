#define main kmeans_main
#define parse_args kmeans_parse_args
#define grid_size kmeans_grid_size
#include <tests/kmeans/kmeans.cpp>
#undef main

#include <algorithm>

#include "peers/phoenix/programs.hpp"
#include "peers/phoenix/seconds.hpp"

namespace bench::phoenix {
namespace {

/// Coordinates that the program frees.
int* allocated(const int* coordinates) {
    auto* copy = static_cast<int*>(malloc(sizeof(int) * DEF_DIM));
    std::copy_n(coordinates, DEF_DIM, copy);
    return copy;
}

/// As in the program's main().
void take_means(const std::vector<KmeansMR::keyval>& result, std::vector<point>& means) {
    for (auto of : result) {
        free(means[of.key].d);
        means[of.key] = of.val.normalize();
    }
}

}  // namespace

Timed kmeans(const std::vector<int>& points, const std::vector<int>& means, int rounds) {
    dim = DEF_DIM;
    std::vector<point> of_program;
    for (std::size_t at = 0; at < points.size(); at += DEF_DIM) {
        of_program.emplace_back(const_cast<int*>(&points[at]), -1);
    }
    std::vector<point> current;
    for (std::size_t at = 0; at < means.size(); at += DEF_DIM) {
        current.emplace_back(allocated(&means[at]), 0);
    }
    KmeansMR program(current);
    Timed timed;
    timed.seconds = seconds_of([&] {
        for (int round = 0; round < rounds; ++round) {
            std::vector<KmeansMR::keyval> result;
            program.run(of_program.data(), of_program.size(), result);
            take_means(result, current);
        }
    });
    for (const point& mean : current) {
        timed.found.insert(timed.found.end(), mean.d, mean.d + DEF_DIM);
        free(mean.d);
    }
    return timed;
}

}  // namespace bench::phoenix
