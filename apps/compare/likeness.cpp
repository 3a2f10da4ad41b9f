#include "compare/likeness.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <stdexcept>

namespace pinfold::apps {

namespace {

std::string_view kind_of(const Measurements& measurements) {
    return measurements.kind == Measurements::Kind::study ? "a study" : "Google Benchmark's JSON";
}

}  // namespace

void refuse_unlike(const Measurements& before, const Measurements& after) {
    if (before.kind != after.kind) {
        throw std::invalid_argument(fmt::format("cannot compare {}, {}, with {}, {}", before.origin,
                                                kind_of(before), after.origin, kind_of(after)));
    }
    if (before.work != after.work) {
        throw std::invalid_argument(
            fmt::format("cannot compare studies of other work: {} is of "
                        "'{}', and {} of '{}'",
                        before.origin, before.work, after.origin, after.work));
    }
}

void refuse_unlike(const Measurement& before, const Measurement& after) {
    if (before.work != after.work) {
        throw std::invalid_argument(
            fmt::format("cannot compare other work: '{}' was '{}', and is now '{}'", before.name,
                        before.work, after.work));
    }
    if (!before.values.empty() && !after.values.empty() && before.values != after.values) {
        throw std::invalid_argument(fmt::format(
            "cannot compare runs that found other values: '{}' found {}, and now {}", before.name,
            fmt::join(before.values, ", "), fmt::join(after.values, ", ")));
    }
}

std::vector<std::string> differences(const std::vector<Fact>& before,
                                     const std::vector<Fact>& after) {
    std::vector<std::string> found;
    for (const Fact& fact : before) {
        const auto other = std::ranges::find_if(after, [&](const Fact& candidate) {
            return candidate.group == fact.group && candidate.name == fact.name;
        });
        if (other != after.end() && other->text != fact.text) {
            found.push_back(fmt::format("{}: {} -> {}", fact.name, fact.text, other->text));
        }
    }
    return found;
}

}  // namespace pinfold::apps
