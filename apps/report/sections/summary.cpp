#include "report/sections/summary.hpp"

#include <algorithm>

#include "report/html/numbers.hpp"
#include "report/look_up.hpp"

namespace pinfold::apps::report {

namespace {

/// A fact of the machine by its name, such as the CPU's; empty where nobody recorded it.
std::string fact(const Study& study, std::string_view group, std::string_view name) {
    const auto found = std::ranges::find_if(study.environment.facts, [&](const Fact& one) {
        return one.group == group && one.name == name;
    });
    return found == study.environment.facts.end() ? "" : found->text;
}

void write_list(Html& html, const std::vector<std::string>& sentences) {
    if (sentences.empty()) {
        return;
    }
    const auto list = html.in("ul");
    for (const std::string& sentence : sentences) {
        html.element("li", sentence);
    }
}

void write_warning(Html& html, const std::string& head, const std::string& text) {
    const auto note = html.in("p", {{"class", "warning"}});
    html.element("strong", head);
    html.text(" " + text);
}

/// The series and its point with the largest speedup of the command under study.
std::pair<const Series*, const Point*> best_of_crews(const Analysis& analysis) {
    std::pair<const Series*, const Point*> best{nullptr, nullptr};
    for (const Series& series : analysis.series) {
        const Point* const point = series.role == Role::crew ? best_point(series) : nullptr;
        if (point != nullptr &&
            (best.second == nullptr || point->speedup->value > best.second->speedup->value)) {
            best = {&series, point};
        }
    }
    return best;
}

void write_lead(Html& html, const Study& study, const Analysis& analysis) {
    const auto [series, point] = best_of_crews(analysis);
    const auto lead = html.in("p", {{"class", "lead"}});
    if (point == nullptr) {
        html.text(
            "No speedup can be told: there is no time of a serial program, or no sample of "
            "the command beside it. The times below stand for themselves.");
        return;
    }
    const int workers = workers_of(study, *point);
    html.text("The command does best with ");
    html.element("strong",
                 counted(static_cast<std::uint64_t>(workers), "worker") + " of " + series->name);
    const bool is_weak = study.options.scaling == Scaling::weak;
    html.text(is_weak ? ": work that grew with the workers was done " : ": the work was done ");
    html.element("strong", number_text(point->speedup->value) + " times as quickly");
    html.text(" as by the base, " + analysis.base_name + ".");
    if (point->speedup->level > 0) {
        html.text(" The interval is " + interval_text(*point->speedup, number_text) + " at " +
                  level_text(*point->speedup) + ".");
        if (point->speedup->low <= 1 && point->speedup->high >= 1) {
            html.text(" It includes 1, so whether it is quicker at all cannot be told.");
        }
    } else {
        html.text(" There are too few samples for an interval, so do not build on this figure.");
    }
    if (point->efficiency) {
        html.text(" That is an efficiency of " + percent_text(point->efficiency->value) + ".");
    }
}

void write_basis(Html& html, const Study& study, const Analysis& analysis) {
    const auto paragraph = html.in("p");
    if (analysis.base) {
        html.text("The base is " + analysis.base_name +
                  ", the best serial time: " + estimate_text(*analysis.base, seconds_text) + ". ");
    }
    if (analysis.measure == "job") {
        html.text(
            "Compared is the time of the job on a pool of workers that is there already; the "
            "whole command and the making of the pool are reported apart. ");
    } else {
        html.text("Compared is the time of the whole command, from before its start to its end. ");
    }
    if (study.options.scaling == Scaling::weak) {
        html.text("This is weak scaling: the work grows with the workers, by the rule " +
                  study.options.weak_rule +
                  ". A speedup here is the base's time for all that work "
                  "over the time that was taken.");
    } else {
        html.text(
            "This is strong scaling: the work stays the same, whatever the number of workers.");
    }
}

std::string in_words(const Study& study, const Series& series) {
    const Point* const point = best_point(series);
    if (point == nullptr) {
        return series.name + ": no speedup can be told.";
    }
    std::string text = series.name + ": at best " + estimate_text(*point->speedup, number_text) +
                       " times as quick, with " +
                       counted(static_cast<std::uint64_t>(workers_of(study, *point)), "worker");
    if (point->efficiency) {
        text += ", an efficiency of " + percent_text(point->efficiency->value);
    }
    return text + ".";
}

/// What was found of one series or of several.
struct SharedFinding {
    std::string sentence;
    std::vector<std::string> series;
};

/// Each sentence once, in the order in which they come.
std::vector<SharedFinding> shared_findings(const Analysis& analysis) {
    std::vector<SharedFinding> findings;
    for (const Series& series : analysis.series) {
        for (const std::string& sentence : series.findings) {
            auto found = std::ranges::find(findings, sentence, &SharedFinding::sentence);
            if (found == findings.end()) {
                found = findings.insert(findings.end(), {sentence, {}});
            }
            found->series.push_back(series.name);
        }
    }
    return findings;
}

void write_findings(Html& html, const Analysis& analysis) {
    std::vector<std::string> sentences = analysis.findings;
    for (const SharedFinding& finding : shared_findings(analysis)) {
        std::string names;
        for (const std::string& name : finding.series) {
            names += (names.empty() ? "" : "; ") + name;
        }
        sentences.push_back(finding.sentence + " (" + names + ")");
    }
    if (!sentences.empty()) {
        html.element("h3", "What the samples say, and what they cannot tell");
        write_list(html, sentences);
    }
}

void write_series(Html& html, const Study& study, const Analysis& analysis) {
    std::vector<std::string> lines;
    for (const Series& series : analysis.series) {
        if (series.role != Role::base) {
            lines.push_back(in_words(study, series));
        }
    }
    write_list(html, lines);
}

}  // namespace

void write_title(Html& html, const Study& study) {
    const bool is_weak = study.options.scaling == Scaling::weak;
    html.element("h1", is_weak ? "Weak scaling study" : "Strong scaling study");
    html.element("pre", shell_line(study.options.command), {{"aria-label", "command"}});
    const auto paragraph = html.in("p", {{"class", "muted"}});
    html.text("Begun " + (study.started.empty() ? "at an unknown time" : study.started) +
              ", by pinfold " + (study.version.empty() ? "unknown" : study.version) + ". ");
    const std::string model = fact(study, "CPU", "model");
    html.text(model.empty() ? "The CPU's model is unknown, " : "CPU: " + model + ", ");
    html.text(counted(static_cast<std::uint64_t>(std::max(study.environment.usable_cores, 0)),
                      "usable core") +
              ", " +
              counted(static_cast<std::uint64_t>(std::max(study.environment.usable_cpus, 0)),
                      "usable CPU") +
              ". " + counted(study.samples.size(), "sample") + ".");
}

void write_summary(Html& html, const Study& study, const Analysis& analysis) {
    const auto section = html.in("section", {{"id", "summary"}});
    html.element("h2", "Summary");
    if (!study.complete) {
        write_warning(
            html, "Not complete.",
            "This study was interrupted. It holds every sample that was taken until then, "
            "and the same command goes on with it.");
    }
    write_lead(html, study, analysis);
    write_basis(html, study, analysis);
    write_series(html, study, analysis);
    write_findings(html, analysis);
    if (!study.environment.warnings.empty()) {
        html.element("h3", "What makes the figures doubtful");
        const auto box = html.in("div", {{"class", "warning"}});
        write_list(html, study.environment.warnings);
    }
    if (!study.notes.empty()) {
        html.element("h3", "What happened on the way");
        write_list(html, study.notes);
    }
}

}  // namespace pinfold::apps::report
