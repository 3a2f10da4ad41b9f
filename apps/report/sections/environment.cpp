#include "report/sections/environment.hpp"

#include <algorithm>

#include "report/html/numbers.hpp"
#include "report/html/table.hpp"
#include "report/sections/points.hpp"

namespace pinfold::apps::report {

namespace {

std::vector<std::string> groups_of(const Environment& environment) {
    std::vector<std::string> groups;
    for (const Fact& fact : environment.facts) {
        if (std::ranges::find(groups, fact.group) == groups.end()) {
            groups.push_back(fact.group);
        }
    }
    return groups;
}

void write_group(Html& html, const Environment& environment, const std::string& group) {
    Table table{group, {"what", "found"}, {}, true};
    for (const Fact& fact : environment.facts) {
        if (fact.group == group) {
            table.rows.push_back({fact.name, fact.text.empty() ? "unknown" : fact.text});
        }
    }
    write_table(html, table);
}

void write_bandwidths(Html& html, const Environment& environment) {
    if (environment.bandwidths.empty()) {
        html.element("p", "The memory's bandwidth was not measured, so no bound of it is drawn.");
        return;
    }
    Table table{"Memory bandwidth: what that many workers read together",
                {"pins", "workers", "in a second"},
                {}};
    for (const Bandwidth& bandwidth : environment.bandwidths) {
        table.rows.push_back({bandwidth.pin, std::to_string(bandwidth.workers),
                              bytes_text(bandwidth.bytes_per_second)});
    }
    write_table(html, table);
}

}  // namespace

void write_environment(Html& html, const Study& study) {
    const auto section = html.in("section", {{"id", "environment"}});
    html.element("h2", "The environment");
    html.element("p", "As found when the study began. What the machine does not tell is unknown.");
    if (study.environment.facts.empty()) {
        html.element("p", "Nothing was recorded of the machine.");
    }
    for (const std::string& group : groups_of(study.environment)) {
        write_group(html, study.environment, group);
    }
    write_bandwidths(html, study.environment);
    write_usage(html, study);
}

}  // namespace pinfold::apps::report
