#include "report/page_text.hpp"

#include <string_view>

#include "report/html/html.hpp"
#include "report/html/style.hpp"
#include "report/look_up.hpp"
#include "report/sections/conclusions.hpp"
#include "report/sections/environment.hpp"
#include "report/sections/machine.hpp"
#include "report/sections/predictions.hpp"
#include "report/sections/runs.hpp"
#include "report/sections/scaling.hpp"
#include "report/sections/summary.hpp"

namespace pinfold::apps::report {

namespace {

constexpr std::size_t most_bytes = 295'000;

void write_head(Html& html, const Study& study) {
    const auto head = html.in("head");
    html.markup(
        "<meta charset=\"utf-8\">"
        "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
        // Without it a browser asks the page's server for an icon.
        "<link rel=\"icon\" href=\"data:,\">");
    html.element("title", "Scaling of " + shell_line(study.options.command));
    html.markup("<style>" + style_sheet() + "</style>");
}

void write_contents(Html& html) {
    const auto nav = html.in("nav", {{"aria-label", "contents"}});
    const auto list = html.in("ul");
    constexpr std::pair<std::string_view, std::string_view> sections[] = {
        {"summary", "Summary"},
        {"scaling", "How it scales"},
        {"runs", "Inside a run"},
        {"machine", "Machine"},
        {"predictions", "Predictions"},
        {"environment", "Environment"},
        {"conclusions", "What to conclude"},
        {"reproduce", "Reproduce it"},
    };
    for (const auto& [id, name] : sections) {
        const auto item = html.in("li");
        html.element("a", name, {{"href", "#" + std::string(id)}});
    }
}

std::string page_with(Figures& figures, const Study& study, const Analysis& analysis,
                      const Predictions& predictions) {
    Html html;
    html.markup("<!DOCTYPE html>\n<html lang=\"en\">");
    write_head(html, study);
    {
        const auto body = html.in("body");
        write_symbols(html);
        const auto main = html.in("main");
        write_title(html, study);
        write_contents(html);
        write_summary(html, study, analysis);
        write_scaling(html, figures, study, analysis);
        write_runs(html, figures, study, analysis);
        write_machine(html, figures, study);
        write_predictions(html, figures, predictions);
        write_environment(html, study);
        write_conclusions(html, study, analysis);
        write_reproduction(html, study);
    }
    html.markup("</html>\n");
    return html.take();
}

}  // namespace

std::string page_text(const Study& study, const Analysis& analysis, const Tools& tools) {
    // The first time without drawings: what it takes is not theirs.
    const Predictions predictions = predictions_of(study);
    Figures none(tools, 0);
    const std::size_t bytes = page_with(none, study, analysis, predictions).size();
    Figures figures(tools, bytes < most_bytes ? most_bytes - bytes : 0);
    return page_with(figures, study, analysis, predictions);
}

}  // namespace pinfold::apps::report
