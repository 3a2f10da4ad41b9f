#include "study/study_csv.hpp"

#include <string_view>
#include <type_traits>
#include <vector>

#include "json/json.hpp"
#include "study/study_fields.hpp"

namespace pinfold::apps {

namespace {

std::string quoted(std::string_view text) {
    if (text.find_first_of(",\"\r\n") == std::string_view::npos) {
        return std::string(text);
    }
    std::string cell = "\"";
    for (const char c : text) {
        cell += c;
        if (c == '"') {
            cell += c;
        }
    }
    return cell + '"';
}

template <typename T>
std::string cell_of(const T& value) {
    return quoted(Json(value).cell());
}

template <typename T>
std::string cell_of(const std::optional<T>& value) {
    return value ? cell_of(*value) : "";
}

/// Calls with each member of a sample that is one cell, and is told by nothing else in the line.
template <typename Call>
void for_each_cell(const Sample& sample, Call call) {
    for_each_member(sample, [&](std::string_view name, const auto& value) {
        using Value = std::remove_cvref_t<decltype(value)>;
        if constexpr (!std::is_same_v<Value, std::vector<WorkerTime>>) {
            if (name != "configuration") {
                call(name, value);
            }
        }
    });
}

std::string header() {
    std::string line = "role,series,workers,n,work,smt,beyond";
    for_each_cell(Sample{}, [&](std::string_view name, const auto&) {
        line += ',';
        line += name;
    });
    return line + '\n';
}

std::string_view role_name(Role role) {
    return role == Role::base ? "base" : role == Role::crew ? "crew" : "peer";
}

std::string line_of(const Configuration& configuration, const Sample& sample) {
    std::string line{role_name(configuration.role)};
    const auto add = [&line](const auto& value) { line += ',' + cell_of(value); };
    add(configuration.series);
    add(configuration.workers);
    add(configuration.n);
    add(configuration.work);
    add(configuration.smt);
    add(configuration.beyond);
    for_each_cell(sample, [&](std::string_view, const auto& value) { add(value); });
    return line + '\n';
}

}  // namespace

std::string to_csv(const Study& study) {
    std::string text = header();
    for (const Sample& sample : study.samples) {
        text += line_of(study.configurations[sample.configuration], sample);
    }
    return text;
}

}  // namespace pinfold::apps
