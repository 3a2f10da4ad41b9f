#include "report/sections/conclusions.hpp"

#include <algorithm>

#include "report/html/numbers.hpp"
#include "report/html/table.hpp"
#include "report/look_up.hpp"

namespace pinfold::apps::report {

namespace {

template <typename Holds>
bool any_point(const Analysis& analysis, Holds holds) {
    return std::ranges::any_of(analysis.series, [&](const Series& series) {
        return std::ranges::any_of(series.points, holds);
    });
}

int most_workers(const Study& study, const Analysis& analysis) {
    int most = 0;
    for (const Series& series : analysis.series) {
        for (const Point& point : series.points) {
            most = std::max(most, workers_of(study, point));
        }
    }
    return most;
}

void add_refusals_of_points(Conclusions& result, const Study& study, const Analysis& analysis) {
    if (any_point(analysis, [](const Point& point) { return point.seconds.level <= 0; })) {
        result.refused.emplace_back(
            "Anything from a point that has no interval: fewer than six samples cannot tell how "
            "far "
            "the median may be off.");
    }
    if (any_point(analysis, [&](const Point& point) { return shares_cores(study, point); })) {
        result.refused.emplace_back(
            "That the program stops scaling where workers outnumber cores: there the cores are "
            "shared, and the points say as much on the machine as on the program.");
    }
    if (std::ranges::any_of(analysis.series,
                            [](const Series& one) { return !one.curve.empty(); })) {
        result.refused.push_back(
            "A speedup beyond " +
            counted(static_cast<std::uint64_t>(most_workers(study, analysis)), "worker") +
            ": a law's curve is fitted to the points, and nobody looked beyond "
            "them.");
    }
}

std::string environment_line(const Configuration& configuration) {
    std::string line;
    for (const auto& [name, value] : configuration.environment) {
        line += name + "=" + shell_line({value}) + " ";
    }
    return line + shell_line(configuration.command);
}

void write_sentences(Html& html, const std::string& head, const std::vector<std::string>& list) {
    html.element("h3", head);
    const auto whole = html.in("ul");
    for (const std::string& sentence : list) {
        html.element("li", sentence);
    }
}

}  // namespace

Conclusions conclusions_of(const Study& study, const Analysis& analysis) {
    Conclusions result;
    result.allowed.emplace_back(
        "How long this command took on this machine, in the state that this page records, with the "
        "numbers of workers that were measured.");
    if (analysis.base) {
        result.allowed.push_back("How much quicker that is than " + analysis.base_name +
                                 ", within each point's interval.");
    }
    result.allowed.emplace_back(
        "That two points differ, where their intervals lie apart. Where they overlap, "
        "they may or may not: more samples may tell.");
    add_refusals_of_points(result, study, analysis);
    result.refused.emplace_back(
        "How it scales on another machine, with another input, grain or compiler: each needs a "
        "study of its own.");
    result.refused.emplace_back(
        "What happens between two points: they are not joined, since nothing was measured there.");
    if (study.options.scaling == Scaling::weak) {
        result.refused.emplace_back(
            "How quickly a fixed problem is solved: with weak scaling the problem grows.");
    }
    if (!study.traces.empty()) {
        result.refused.emplace_back(
            "That a prediction comes true: it is a simulation under assumptions, which are beside "
            "it.");
        result.refused.emplace_back(
            "Times from a timeline: a traced run is watched, is no sample, and is one run alone.");
    }
    return result;
}

void write_conclusions(Html& html, const Study& study, const Analysis& analysis) {
    const auto section = html.in("section", {{"id", "conclusions"}});
    html.element("h2", "What to conclude, and what not");
    const Conclusions conclusions = conclusions_of(study, analysis);
    write_sentences(html, "This study shows", conclusions.allowed);
    write_sentences(html, "It does not show", conclusions.refused);
}

void write_reproduction(Html& html, const Study& study) {
    const auto section = html.in("section", {{"id", "reproduce"}});
    html.element("h2", "How to reproduce it");
    html.element("p",
                 "The file study.json beside this page holds all that was asked for and every "
                 "sample. This runs the study again:");
    html.element("pre", "pinfold scale --out ANOTHER_DIRECTORY --again study.json");
    html.element("p", "It was begun in " +
                          (study.options.directory.empty() ? "an unknown directory"
                                                           : study.options.directory) +
                          " as:");
    html.element("pre", shell_line(study.options.command_line));
    html.element("p", "The runs were in random order; its seed is " +
                          std::to_string(study.options.seed) + ". Each of up to " +
                          std::to_string(study.options.repetitions) +
                          " repetitions was a new process.");
    Table table{"Each configuration as it was run", {"configuration", "command"}, {}, true};
    for (const Configuration& configuration : study.configurations) {
        table.rows.push_back({configuration.name(), environment_line(configuration)});
    }
    write_folded_table(html, "The commands", table);
}

}  // namespace pinfold::apps::report
