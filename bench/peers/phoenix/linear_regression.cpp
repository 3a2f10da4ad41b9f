#define main linear_regression_main
#include <tests/linear_regression/linear_regression.cpp>
#undef main

#include "peers/phoenix/programs.hpp"
#include "peers/phoenix/seconds.hpp"

namespace bench::phoenix {

Timed linear_regression(const char* points, std::uint64_t size) {
    lrMR program;
    std::vector<lrMR::keyval> result;
    auto* data = reinterpret_cast<POINT_T*>(const_cast<char*>(points));
    Timed timed;
    timed.seconds = seconds_of([&] { program.run(data, size, result); });
    timed.found.resize(KEY_COUNT);
    for (const auto& of : result) {
        timed.found.at(of.key) = of.val;
    }
    return timed;
}

}  // namespace bench::phoenix
