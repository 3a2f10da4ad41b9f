#define main histogram_main
#include <tests/histogram/histogram.cpp>
#undef main

#include "peers/phoenix/programs.hpp"
#include "peers/phoenix/seconds.hpp"

namespace bench::phoenix {

Timed histogram(const char* pixels, std::uint64_t size) {
    HistogramMR program;
    std::vector<HistogramMR::keyval> result;
    auto* data = reinterpret_cast<pixel*>(const_cast<char*>(pixels));
    Timed timed;
    timed.seconds = seconds_of([&] { program.run(data, size, result); });
    timed.found.resize(768);
    for (const auto& of : result) {
        timed.found.at(static_cast<std::size_t>(of.key)) = of.val;
    }
    return timed;
}

}  // namespace bench::phoenix
