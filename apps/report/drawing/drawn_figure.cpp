#include "report/drawing/drawn_figure.hpp"

#include <fmt/format.h>

namespace pinfold::apps::report {

namespace {

void write_svg(Html& html, const Drawing& drawing, const std::string& kind,
               const std::string& label) {
    const auto svg =
        html.in("svg", {{"class", kind},
                        {"viewBox", fmt::format("0 0 {} {}", drawing.width, drawing.height)},
                        {"width", std::to_string(drawing.width)},
                        {"height", std::to_string(drawing.height)},
                        {"role", "img"},
                        {"aria-label", label}});
    html.markup(drawing.content);
}

std::string symbol_of(const LegendEntry& entry) {
    switch (entry.symbol) {
        case LegendEntry::Symbol::marker:
            return fmt::format(
                "<use href=\"#m{}\" class=\"k{}\" transform=\"translate(12,7)scale(4.5)\"/>",
                entry.number, entry.paint);
        case LegendEntry::Symbol::line:
            return fmt::format(
                "<path class=\"s{}\" stroke-width=\"1.5\" stroke-dasharray=\"{}\" d=\"M0,7H24\"/>",
                entry.paint, entry.dashes);
        case LegendEntry::Symbol::area:
            return fmt::format("<path class=\"f{}\" d=\"M4,1H20V13H4z\"/>", entry.paint);
        case LegendEntry::Symbol::band:
            return fmt::format(
                "<path class=\"f{0}\" fill-opacity=\".2\" d=\"M0,1H24V13H0z\"/>"
                "<path class=\"s{0}\" stroke-width=\"1.5\" d=\"M0,7H24\"/>",
                entry.paint);
    }
    return {};
}

void write_legend(Html& html, const std::vector<LegendEntry>& legend) {
    if (legend.empty()) {
        return;
    }
    const auto list = html.in("ul", {{"class", "legend"}});
    for (const LegendEntry& entry : legend) {
        const auto item = html.in("li");
        html.markup("<svg width=\"24\" height=\"14\" viewBox=\"0 0 24 14\" aria-hidden=\"true\">" +
                    symbol_of(entry) + "</svg>");
        html.element("span", entry.text);
    }
}

}  // namespace

void Figures::write(Html& html, const Figure& figure) {
    const auto whole = html.in("figure");
    html.element("h3", figure.title);
    if (write_drawings(html, figure)) {
        html.element("figcaption", figure.caption);
    } else {
        html.element("p",
                     "This figure is not drawn: " + problem_ + ". Its numbers stand " +
                         (figure.data.rows.empty() ? "in the tables." : "below."),
                     {{"class", "warning"}});
        html.element("p", figure.label);
    }
    if (!figure.data.rows.empty()) {
        write_folded_table(html, "The figure as numbers", figure.data);
    }
}

bool Figures::write_drawings(Html& html, const Figure& figure) {
    constexpr const char* too_large = "with it the page would exceed 300 KB";
    if (bytes_left_ <= figure.leaves) {
        problem_ = too_large;
        return false;
    }
    const auto wide = gnuplot_.draw(figure.wide_script);
    const auto narrow = wide ? gnuplot_.draw(figure.narrow_script) : std::nullopt;
    if (!narrow) {
        problem_ = gnuplot_.problem();
        return false;
    }
    Html drawn;
    write_legend(drawn, figure.legend);
    write_svg(drawn, *wide, "broad", figure.label);
    write_svg(drawn, *narrow, "narrow", figure.label);
    if (drawn.size() + figure.leaves > bytes_left_) {
        problem_ = too_large;
        return false;
    }
    bytes_left_ -= drawn.size();
    html.markup(drawn.take());
    return true;
}

void Figures::write_machine(Html& html, const Drawing& drawing, const std::string& label) {
    bytes_left_ -= std::min(bytes_left_, drawing.content.size());
    const auto box = html.in("div", {{"class", "wide machine"},
                                     {"tabindex", "0"},
                                     {"role", "region"},
                                     {"aria-label", "the machine"}});
    write_svg(html, drawing, "fixed", label);
}

void write_symbols(Html& html) {
    html.markup("<svg class=\"symbols\" aria-hidden=\"true\"><defs>" + marker_symbols() +
                "</defs></svg>");
}

}  // namespace pinfold::apps::report
