#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "compare/comparison.hpp"
#include "json/json.hpp"
#include "shell/text_table.hpp"

namespace pinfold::apps {

namespace {

std::string_view name_of(Verdict verdict) {
    switch (verdict) {
        case Verdict::too_few:
            return "too few samples";
        case Verdict::no_change:
            return "no change found";
        case Verdict::faster:
            return "faster";
        case Verdict::slower:
            return "slower, below the threshold";
        case Verdict::worse:
            return "slower";
    }
    return "";
}

/// For programs: JSON's verdicts stay as they are.
std::string_view word_for(Verdict verdict) {
    switch (verdict) {
        case Verdict::too_few:
            return "too_few_samples";
        case Verdict::no_change:
            return "no_change_found";
        case Verdict::faster:
            return "faster";
        case Verdict::slower:
            return "slower_below_threshold";
        case Verdict::worse:
            return "slower";
    }
    return "";
}

std::string seconds_text(double seconds) {
    struct Unit {
        double size;
        const char* name;
    };
    for (const Unit& unit : {Unit{1, "s"}, Unit{1e-3, "ms"}, Unit{1e-6, "us"}}) {
        if (seconds >= unit.size) {
            return fmt::format("{:.4g} {}", seconds / unit.size, unit.name);
        }
    }
    return fmt::format("{:.4g} ns", seconds * 1e9);
}

std::string change_text(double ratio) {
    return fmt::format("{:+.2f} %", 100 * (ratio - 1));
}

TextRow row_of(const Change& change) {
    const bool known = change.ratio.level > 0;
    return {change.name,
            seconds_text(change.before.value),
            seconds_text(change.after.value),
            change_text(change.ratio.value),
            known ? fmt::format("{} to {}", change_text(change.ratio.low),
                                change_text(change.ratio.high))
                  : "-",
            fmt::format("{:.2g}", change.of_all),
            std::string(name_of(change.verdict))};
}

std::string table_of(const std::vector<Change>& changes) {
    std::vector<TextRow> rows{
        {"configuration", "before", "after", "change", "interval", "p", "verdict"}};
    std::ranges::transform(changes, std::back_inserter(rows), row_of);
    return text_table(rows, "<>>>>><");
}

std::string lines_of(const std::vector<std::string>& texts, std::string_view before) {
    std::string lines;
    for (const std::string& text : texts) {
        lines += fmt::format("{}{}\n", before, text);
    }
    return lines;
}

Json estimate_json(const Estimate& estimate) {
    Json::Members members{{"value", estimate.value}};
    if (estimate.level > 0) {
        members.emplace_back("low", estimate.low);
        members.emplace_back("high", estimate.high);
        members.emplace_back("level", estimate.level);
    }
    return Json::object(members);
}

Json change_json(const Change& change) {
    return Json::object({{"name", change.name},
                         {"samples_before", change.samples_before},
                         {"samples_after", change.samples_after},
                         {"seconds_before", estimate_json(change.before)},
                         {"seconds_after", estimate_json(change.after)},
                         {"ratio", estimate_json(change.ratio)},
                         {"probability", change.probability},
                         {"probability_of_all", change.of_all},
                         {"verdict", word_for(change.verdict)}});
}

Json texts_json(const std::vector<std::string>& texts) {
    return Json::array(texts, [](const std::string& text) { return Json(text); });
}

}  // namespace

std::string as_text(const Comparison& comparison) {
    std::string text = lines_of(comparison.program, "changed: ") +
                       lines_of(comparison.warnings, "warning: ") + table_of(comparison.changes) +
                       lines_of(comparison.only_before, "only before: ") +
                       lines_of(comparison.only_after, "only after: ");
    text += fmt::format(
        "Times are medians of the {}. change: the median of all quotients, with an interval of at "
        "least 95 %.\n"
        "p: Mann and Whitney's test, corrected for {} by Holm; at most 0.05 counts as found.\n",
        comparison.measure == "real time" ? comparison.measure : comparison.measure + "'s time",
        fmt::format("{} test{}", comparison.changes.size(),
                    comparison.changes.size() == 1 ? "" : "s"));
    if (comparison.count(Verdict::no_change) > 0) {
        text += "Where no change is found, one within the interval is still possible.\n";
    }
    if (comparison.count(Verdict::too_few) > 0) {
        text +=
            "Too few samples: at least 4 on both sides are needed, and 10 find 3 % in noise of "
            "2 %.\n";
    }
    return text;
}

std::string as_json(const Comparison& comparison) {
    return Json::object({{"command", "compare"},
                         {"measure", comparison.measure},
                         {"threshold", comparison.threshold},
                         {"worse", comparison.count(Verdict::worse)},
                         {"configurations", Json::array(comparison.changes, change_json)},
                         {"only_before", texts_json(comparison.only_before)},
                         {"only_after", texts_json(comparison.only_after)},
                         {"changed", texts_json(comparison.program)},
                         {"warnings", texts_json(comparison.warnings)}})
        .dump();
}

}  // namespace pinfold::apps
