#include "report/figures/prediction_figure.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "report/figures/ticks.hpp"

namespace pinfold::apps::report {

std::string prediction_script(const std::vector<PredictedMachine>& machines, Width width) {
    Canvas size = canvas(width, width == Width::wide ? 380 : 320);
    size.top = 30;
    PlotScript script(size);
    Range x{1, 2};
    Range y{1, 2};
    std::vector<std::string> layers;
    for (std::size_t at = 0; at < machines.size(); ++at) {
        std::vector<std::vector<double>> rows;
        for (const Prediction& prediction : machines[at].predictions) {
            if (prediction.speedup > 0) {
                x.hold(prediction.workers);
                y.hold(prediction.speedup);
                rows.push_back({static_cast<double>(prediction.workers), prediction.speedup});
            }
        }
        if (!rows.empty()) {
            script.data(fmt::format("machine{}", at), rows);
            layers.push_back(fmt::format("$machine{} using 1:2 with points pt {} ps 1 lw 1.5 {}",
                                         at, prediction_marker(at),
                                         colour(Paint::series, static_cast<int>(at))));
        }
    }
    constexpr double most_room = 4;
    y.hold(std::min(x.high, y.high * most_room));
    const double end = std::min(x.high, y.high);
    x = {x.low / 1.3, x.high * 1.3};
    y = {y.low / 1.2, y.high * 1.2};
    script.line("set logscale xy 2");
    script.range('x', x);
    script.range('y', y);
    script.ticks('x', factor_ticks(x, width == Width::wide ? 12 : 6));
    script.ticks('y', factor_ticks(y, 8));
    script.names("workers", "predicted: times as quick as one worker");
    script.data("ideal", {{1, 1}, {end, end}});
    layers.insert(layers.begin(),
                  "$ideal using 1:2 with lines lw 1 dt (6,4) " + colour(Paint::ink));
    script.plot(layers);
    return script.text();
}

int prediction_marker(std::size_t machine) {
    constexpr int crosses[] = {1, 2};  // upright and diagonal
    return crosses[machine % 2];
}

}  // namespace pinfold::apps::report
