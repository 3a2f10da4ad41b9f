#include "report/look_up.hpp"

#include <algorithm>

namespace pinfold::apps::report {

namespace {

bool is_plain(char letter) {
    constexpr std::string_view others = "_-./=:,+@%^";
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
           (letter >= '0' && letter <= '9') || others.find(letter) != std::string_view::npos;
}

std::string quoted(const std::string& word) {
    if (!word.empty() && std::ranges::all_of(word, is_plain)) {
        return word;
    }
    std::string result = "'";
    for (const char letter : word) {
        result += letter == '\'' ? std::string("'\\''") : std::string(1, letter);
    }
    return result + "'";
}

}  // namespace

const Configuration* find_configuration(const Study& study, std::size_t index) {
    return index < study.configurations.size() ? &study.configurations[index] : nullptr;
}

int workers_of(const Study& study, const Point& point) {
    const Configuration* const configuration = find_configuration(study, point.configuration);
    return configuration == nullptr ? 1 : std::max(configuration->workers, 1);
}

bool shares_cores(const Study& study, const Point& point) {
    const Configuration* const configuration = find_configuration(study, point.configuration);
    return configuration != nullptr && (configuration->smt || configuration->beyond);
}

std::string shell_line(const std::vector<std::string>& words) {
    std::string line;
    for (const std::string& word : words) {
        line += (line.empty() ? "" : " ") + quoted(word);
    }
    return line;
}

const Point* best_point(const Series& series) {
    const Point* best = nullptr;
    for (const Point& point : series.points) {
        if (point.speedup && (best == nullptr || point.speedup->value > best->speedup->value)) {
            best = &point;
        }
    }
    return best;
}

std::vector<double> numbers_of(const Study& study, std::size_t configuration,
                               std::optional<double> Sample::*member) {
    std::vector<double> numbers;
    for (const Sample& sample : study.samples) {
        if (sample.configuration == configuration && sample.*member) {
            numbers.push_back(*(sample.*member));
        }
    }
    std::ranges::sort(numbers);
    return numbers;
}

std::string speedup_name(const Study& study) {
    return study.options.scaling == Scaling::weak ? "scaled speedup" : "speedup";
}

}  // namespace pinfold::apps::report
