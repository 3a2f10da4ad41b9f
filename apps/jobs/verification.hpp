#pragma once

#include <cstdint>
#include <pinfold/engine/options.hpp>
#include <pinfold/engine/range.hpp>
#include <string>
#include <string_view>

namespace pinfold::apps {

/// A grain that gives other chunk borders than `grain`, and about as many chunks. A range of one
/// integer has no other borders.
[[nodiscard]] std::uint64_t other_grain(Range range, std::uint64_t grain);

/// Throws std::runtime_error that gives both values. `how` says how the second one was found, such
/// as "over other chunk borders".
[[noreturn]] void refuse_disagreement(const std::string& first, const std::string& second,
                                      std::string_view how);

/// Runs a job once, or with `verify` a second time over other chunk borders, and returns the first
/// result. `run(settings)` runs the job and returns a JobResult; `text(value)` writes its value.
/// Throws what `run` throws, and std::runtime_error when the two values differ.
template <typename Run, typename Text>
[[nodiscard]] auto run_and_verify(const JobSettings& settings, bool verify, Range range, Run run,
                                  Text text) {
    auto first = run(settings);
    if (verify) {
        JobSettings again = settings;
        again.grain = other_grain(range, settings.grain);
        again.journal = {};  // it holds the first run's results
        const auto second = run(again);
        if (!(first.value == second.value)) {
            refuse_disagreement(text(first.value), text(second.value), "over other chunk borders");
        }
    }
    return first;
}

}  // namespace pinfold::apps
