#include "scale/study_request.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <pinfold/affinity/pin_policy.hpp>
#include <pinfold/engine/limits.hpp>
#include <pinfold/engine/options.hpp>
#include <stdexcept>
#include <string_view>

#include "scale/formula.hpp"
#include "shell/duration.hpp"
#include "shell/number.hpp"

namespace pinfold::apps {

namespace {

// More samples than anybody waits for; it bounds what the analysis has to hold.
constexpr std::uint64_t most_repetitions = 10'000;
constexpr std::uint64_t most_seed =
    (std::uint64_t{1} << 53) - 1;  // what every reader of JSON holds

/// The parts of a list between `separator`s, none of which may be empty or be there twice.
std::vector<std::string> parts_of(std::string_view option, std::string_view list, char separator) {
    std::vector<std::string> parts;
    for (std::size_t begin = 0; begin <= list.size();) {
        const std::size_t end = std::min(list.find(separator, begin), list.size());
        parts.emplace_back(list.substr(begin, end - begin));
        begin = end + 1;
    }
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (parts[i].empty()) {
            throw std::invalid_argument(fmt::format("{} '{}' has an empty part", option, list));
        }
        if (std::find(parts.begin(), parts.begin() + static_cast<std::ptrdiff_t>(i), parts[i]) !=
            parts.begin() + static_cast<std::ptrdiff_t>(i)) {
            throw std::invalid_argument(
                fmt::format("{} '{}' has '{}' twice", option, list, parts[i]));
        }
    }
    return parts;
}

std::vector<int> parse_workers(const std::string& text, int usable_cpus) {
    if (text == "auto") {
        return workers_up_to(usable_cpus);
    }
    std::vector<int> workers;
    for (const std::string& part : parts_of("--workers", text, ',')) {
        constexpr Bounds bounds{1, max_workers};
        workers.push_back(static_cast<int>(parse_uint64("--workers", part, bounds)));
    }
    std::ranges::sort(workers);
    if (std::ranges::adjacent_find(workers) != workers.end()) {
        throw std::invalid_argument(fmt::format("--workers '{}' has a number twice", text));
    }
    return workers;
}

std::vector<std::string> parse_crews(const std::string& text) {
    std::vector<std::string> crews = parts_of("--crews", text, ',');
    for (const std::string& crew : crews) {
        static_cast<void>(parse_crew(crew));
    }
    return crews;
}

/// A list of CPUs has commas of its own, so such pins are separated by semicolons.
std::vector<std::string> parse_pins(const std::string& text) {
    const bool has_list = text.find_first_of("0123456789") != std::string::npos &&
                          text.find('@') == std::string::npos;
    std::vector<std::string> pins =
        parts_of("--pins", text, has_list || text.find(';') != std::string::npos ? ';' : ',');
    for (const std::string& pin : pins) {
        static_cast<void>(affinity::parse_pin_policy(pin));
    }
    return pins;
}

/// Half of the interval relative to the median, as a share.
double parse_narrow(std::string_view text) {
    double percent = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, percent);
    if (error != std::errc{} || std::string_view(stop, end) != "%" || !(percent >= 0) ||
        percent > 100) {
        throw std::invalid_argument(
            fmt::format("--narrow '{}' is not a share of 0% to 100%, such as 0.5%", text));
    }
    return percent / 100;
}

double parse_seconds(const char* option, const std::string& text) {
    return std::chrono::duration<double>(parse_duration(option, text)).count();
}

void take_scaling(StudyOptions& options, const StudyWords& words) {
    options.scaling = words.weak.empty() ? Scaling::strong : Scaling::weak;
    options.weak_rule = words.weak;
    if (!words.weak.empty()) {
        const WeakRule rule(words.weak);
        for (const int workers : options.workers) {
            static_cast<void>(rule.n(workers));
        }
    }
    if (!words.n.empty()) {
        options.n = to_decimal(parse_uint64("--n", words.n));
    }
}

}  // namespace

std::vector<int> workers_up_to(int cpus) {
    std::vector<int> workers;
    for (int count = 1; count < cpus; count *= 2) {
        workers.push_back(count);
    }
    workers.push_back(cpus);
    return workers;
}

StudyOptions study_options(const StudyWords& words, int usable_cpus) {
    if (words.command.empty()) {
        throw std::invalid_argument(
            "a command is needed behind --, such as: pinfold scale --out DIR -- prime-sum 0 1e10 "
            "--method sieve");
    }
    StudyOptions options;
    options.command = words.command;
    options.workers = parse_workers(words.workers, std::min(usable_cpus, max_workers));
    options.crews = parse_crews(words.crews);
    options.pins = parse_pins(words.pins);
    take_scaling(options, words);
    options.peers = words.peers;
    options.base = words.base;
    options.repetitions =
        static_cast<int>(parse_uint64("--repeat", words.repeat, {1, most_repetitions}));
    options.narrow_enough = parse_narrow(words.narrow);
    options.shortest_seconds = parse_seconds("--shortest-run", words.shortest_run);
    if (!words.run_deadline.empty()) {
        options.deadline_seconds = parse_seconds("--run-deadline", words.run_deadline);
    }
    if (!words.seed.empty()) {
        options.seed = parse_uint64("--seed", words.seed, {1, most_seed});
    }
    return options;
}

}  // namespace pinfold::apps
