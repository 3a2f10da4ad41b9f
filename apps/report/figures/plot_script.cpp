#include "report/figures/plot_script.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pinfold::apps::report {

Canvas canvas(Width width, int height) {
    if (width == Width::wide) {
        return {.width = 720, .height = height};
    }
    return {.width = 360, .height = height, .left = 68, .right = 28};
}

void Range::hold(double number) {
    low = std::min(low, number);
    high = std::max(high, number);
}

PlotScript::PlotScript(const Canvas& canvas) : canvas_(canvas) {
    line("set encoding utf8");
    line(fmt::format("set terminal svg size {},{} fixed noenhanced font 'sans-serif,13'",
                     canvas.width, canvas.height));
    line("set border 3 " + colour(Paint::ink));
    line("set tics nomirror out scale .5");
    line("set grid " + colour(Paint::soft) + " lw 1 dt solid");
    line("unset key");
    // A line whose ends both lie outside is still drawn where it crosses the plot.
    line("set clip two");
    // Otherwise a white ring around each point, whatever the page's colour is.
    line("set pointintervalbox 0");
    line(fmt::format("set lmargin at screen {:.5f}",
                     static_cast<double>(canvas.left) / canvas.width));
    line(fmt::format("set rmargin at screen {:.5f}",
                     1 - static_cast<double>(canvas.right) / canvas.width));
    rows(canvas.top, canvas.height - canvas.bottom);
}

void PlotScript::line(std::string_view text) {
    text_ += text;
    text_ += '\n';
}

void PlotScript::data(std::string_view name, const std::vector<std::vector<double>>& rows) {
    line(fmt::format("${} << EOD", name));
    for (const std::vector<double>& row : rows) {
        line(fmt::format("{:.7g}", fmt::join(row, " ")));
    }
    line("EOD");
}

void PlotScript::ticks(char axis, const std::vector<Tick>& ticks) {
    std::string list;
    for (const Tick& tick : ticks) {
        list += fmt::format("{}\"", list.empty() ? "" : ",");
        for (const char letter : tick.text) {
            // Such a text is a format to gnuplot.
            list += letter == '%' ? std::string("%%") : std::string(1, letter);
        }
        list += fmt::format("\" {:.7g}", tick.at);
    }
    line(fmt::format("set {}tics ({})", axis, list));
}

void PlotScript::range(char axis, const Range& range) {
    line(fmt::format("set {}range [{:.7g}:{:.7g}]", axis, range.low, range.high));
}

void PlotScript::names(std::string_view horizontal, std::string_view vertical) {
    line(fmt::format("set xlabel \"{}\" offset 0,.5", horizontal));
    line(fmt::format("set label \"{}\" at graph 0,1 left offset -4,{}", vertical,
                     canvas_.top > 40 ? 1.8 : .7));
}

void PlotScript::rows(int top, int bottom) {
    const double height = canvas_.height;
    line(fmt::format("set tmargin at screen {:.5f}", 1 - top / height));
    line(fmt::format("set bmargin at screen {:.5f}", 1 - bottom / height));
}

void PlotScript::plot(const std::vector<std::string>& layers) {
    line(fmt::format("plot {}", fmt::join(layers, ", ")));
}

std::string colour(Paint paint, int offset) {
    return fmt::format("lc rgb \"#0101{:02x}\"", static_cast<int>(paint) + offset);
}

std::string fill_colour(Paint paint) {
    return "fc" + colour(paint).substr(2);
}

}  // namespace pinfold::apps::report
