#include "scale/study_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "shell/text_table.hpp"

namespace pinfold::apps {

namespace {

constexpr const char* unknown = "-";

/// "2.013 s", with as many digits as are worth reading.
std::string seconds_text(double seconds) {
    if (seconds >= 1) {
        return fmt::format("{:.4g} s", seconds);
    }
    return seconds >= 1e-3 ? fmt::format("{:.4g} ms", seconds * 1e3)
                           : fmt::format("{:.4g} us", seconds * 1e6);
}

std::string ratio_text(double ratio) {
    return fmt::format("{:.3f}", ratio);
}

using Format = std::string (*)(double);

/// "1.99 to 2.03", or that there is none.
std::string interval_text(const std::optional<Estimate>& estimate, Format format) {
    if (!estimate || estimate->level == 0) {
        return unknown;
    }
    return fmt::format("{} to {}", format(estimate->low), format(estimate->high));
}

std::string value_text(const std::optional<Estimate>& estimate, Format format) {
    return estimate ? format(estimate->value) : unknown;
}

std::string level_text(double level) {
    return level == 0 ? unknown : fmt::format("{:.1f} %", 100 * level);
}

/// A star stands where workers share cores: such a point says less about the program.
std::string workers_text(const Configuration& configuration) {
    return fmt::format("{}{}", configuration.workers,
                       configuration.beyond ? "**"
                       : configuration.smt  ? "*"
                                            : "");
}

TextRow row_of(const Study& study, const Series& series, const Point& point) {
    const Configuration& configuration = study.configurations[point.configuration];
    const bool is_base = configuration.role == Role::base;
    return {(is_base                            ? "base: "
             : configuration.role == Role::peer ? "peer: "
                                                : "") +
                series.name,
            workers_text(configuration),
            std::to_string(point.samples),
            seconds_text(point.seconds.value),
            interval_text(point.seconds, seconds_text),
            level_text(point.seconds.level),
            value_text(point.speedup, ratio_text),
            interval_text(point.speedup, ratio_text),
            value_text(point.efficiency, ratio_text)};
}

std::string legend(const Study& study) {
    const auto any = [&](auto mark) { return std::ranges::any_of(study.configurations, mark); };
    std::string text;
    if (any([](const Configuration& one) { return one.smt && !one.beyond; })) {
        text += "*  more workers than usable cores: some share a core\n";
    }
    if (any(&Configuration::beyond)) {
        text += "** more workers than CPUs for them: some wait for a CPU\n";
    }
    return text;
}

std::string sentences(const std::vector<std::string>& all) {
    std::string text;
    for (const std::string& sentence : all) {
        text += fmt::format("- {}\n", sentence);
    }
    return text;
}

}  // namespace

std::string study_table(const Study& study, const Analysis& analysis) {
    const std::string time = analysis.measure == "job" ? "job" : "command";
    std::vector<TextRow> rows{{"series", "workers", "runs", time, "interval", "level", "speedup",
                               "interval (95 %)", "efficiency"}};
    for (const Series& series : analysis.series) {
        for (const Point& point : series.points) {
            rows.push_back(row_of(study, series, point));
        }
    }
    std::string text = fmt::format(
        "{}: {} scaling, medians of {}\n\n", fmt::join(study.options.command, " "),
        study.options.scaling == Scaling::weak ? "weak" : "strong",
        time == "job" ? "the job's time on an existing pool" : "the whole command's time");
    text += text_table(rows, "<>") + legend(study) + "\n";
    for (const Series& series : analysis.series) {
        if (!series.findings.empty()) {
            text += series.name + "\n" + sentences(series.findings);
        }
    }
    text += sentences(analysis.findings) + sentences(study.environment.warnings) +
            sentences(study.notes);
    return text;
}

}  // namespace pinfold::apps
