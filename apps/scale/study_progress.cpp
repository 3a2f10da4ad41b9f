#include "scale/study_progress.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace pinfold::apps {

std::string study_progress_line(std::size_t run, std::size_t runs, const std::string& name,
                                double left_seconds, int columns) {
    const std::string count = fmt::format("run {} of {}", run, runs);
    const std::string left =
        left_seconds < 0 ? "" : fmt::format("  {} left", clock_text(left_seconds));
    const auto room = static_cast<std::size_t>(std::max(columns - 1, 0));
    for (const std::string& text : {count + ": " + name + left, count + left, count}) {
        if (text.size() <= room) {
            return text;
        }
    }
    return "";
}

double seconds_left(const Study& study, const std::vector<Turn>& left) {
    std::vector<double> seconds(study.configurations.size());
    std::vector<int> runs(study.configurations.size());
    for (const Sample& sample : study.samples) {
        seconds[sample.configuration] += sample.command_seconds;
        ++runs[sample.configuration];
    }
    const double all = std::accumulate(seconds.begin(), seconds.end(), 0.0);
    if (study.samples.empty()) {
        return -1;
    }
    const double mean = all / static_cast<double>(study.samples.size());
    return std::accumulate(left.begin(), left.end(), 0.0, [&](double sum, const Turn& turn) {
        const int known = runs[turn.configuration];
        return sum + (known == 0 ? mean : seconds[turn.configuration] / known);
    });
}

void StudyProgress::show(const Study& study, const std::vector<Turn>& left,
                         const std::string& name) {
    if (!shown_ || !line_.is_due()) {
        return;
    }
    const std::size_t done = study.samples.size();
    line_.show(study_progress_line(done + 1, done + left.size(), name, seconds_left(study, left),
                                   line_.columns()));
}

}  // namespace pinfold::apps
