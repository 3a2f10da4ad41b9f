#include "study/analysis.hpp"

#include <algorithm>

#include "statistics/median.hpp"
#include "study/findings.hpp"
#include "study/law_fits.hpp"
#include "study/measured_study.hpp"

namespace pinfold::apps {

namespace {

/// The configurations of each series, in the order in which the study has them.
std::vector<Series> empty_series(const Study& study) {
    std::vector<Series> all;
    for (const Configuration& configuration : study.configurations) {
        const bool is_new = std::ranges::none_of(all, [&](const Series& series) {
            return series.name == configuration.series && series.role == configuration.role;
        });
        if (is_new) {
            all.push_back({.name = configuration.series, .role = configuration.role});
        }
    }
    return all;
}

void add_points(Series& series, const MeasuredStudy& measured, std::optional<std::size_t> base) {
    const auto& configurations = measured.study().configurations;
    for (std::size_t index = 0; index < configurations.size(); ++index) {
        if (configurations[index].series == series.name &&
            configurations[index].role == series.role) {
            series.points.push_back(point_of(measured, index, base));
        }
    }
    std::ranges::stable_sort(series.points, {}, [&](const Point& point) {
        return configurations[point.configuration].workers;
    });
}

/// A serial program has one point, and nothing scales.
bool scales(const Series& series, const MeasuredStudy& measured) {
    return std::ranges::none_of(series.points, [&](const Point& point) {
        return is_serial(measured.study().configurations[point.configuration]);
    });
}

}  // namespace

Analysis analyse(const Study& study) {
    const MeasuredStudy measured(study);
    const auto base = measured.base();
    Analysis analysis{.measure = measured.measure(), .series = empty_series(study)};
    if (base) {
        analysis.base = median_interval(measured.seconds_of_unit_work(*base));
        analysis.base_name = study.configurations[*base].series;
    }
    for (Series& series : analysis.series) {
        add_points(series, measured, base);
        find_in_series(series, measured);
        if (scales(series, measured)) {
            fit_laws(series, measured, base ? std::optional(analysis.base->value) : std::nullopt);
        }
    }
    find_in_study(analysis, measured);
    return analysis;
}

}  // namespace pinfold::apps
