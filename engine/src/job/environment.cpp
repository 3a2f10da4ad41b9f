#include <charconv>
#include <cstdlib>
#include <pinfold/affinity/pin_policy.hpp>
#include <pinfold/engine/environment.hpp>
#include <pinfold/engine/limits.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace pinfold {

namespace {

int parse_workers(std::string_view text) {
    int workers = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, workers);
    if (error != std::errc{} || stop != end || workers < 1 || workers > max_workers) {
        throw std::invalid_argument("workers '" + std::string(text) + "' is not a number of 1 to " +
                                    std::to_string(max_workers));
    }
    return workers;
}

std::string checked_pin(std::string_view text) {
    static_cast<void>(affinity::parse_pin_policy(text));
    return std::string(text);
}

/// What `parse` makes of the variable, or `otherwise` where it is not set.
template <typename T, typename Parse>
T filled_from(const char* name, const char* text, T otherwise, Parse parse) {
    if (text == nullptr || *text == '\0') {
        return otherwise;
    }
    try {
        return parse(text);
    } catch (const std::invalid_argument& e) {
        throw std::invalid_argument(std::string(name) + "=" + text + ": " + e.what());
    }
}

}  // namespace

PoolOptions with_environment(PoolOptions options, const char* (*variable)(const char* name)) {
    const auto fill = [variable](auto& field, const char* name, auto otherwise, auto parse) {
        field = filled_from(name, variable(name), std::move(otherwise), parse);
    };
    if (options.crew == Crew::automatic) {
        fill(options.crew, "PINFOLD_CREW", Crew::processes, parse_crew);
    }
    if (options.workers == 0) {
        fill(options.workers, "PINFOLD_WORKERS", 0, parse_workers);
    }
    if (options.pin.empty()) {
        fill(options.pin, "PINFOLD_PIN", std::string("cores"), checked_pin);
    }
    return options;
}

PoolOptions with_environment(PoolOptions options) {
    return with_environment(std::move(options), [](const char* name) -> const char* {
        return std::getenv(name);  // NOLINT(concurrency-mt-unsafe): the header says so.
    });
}

}  // namespace pinfold
