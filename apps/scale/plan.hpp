#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "scale/own_command.hpp"
#include "study/study.hpp"

namespace pinfold::apps {

// A study's plan, as pure functions from what was asked for to what is run, in which order.

/// What the plan is made for, beside what the user asked for.
struct PlanContext {
    int usable_cpus = 1;
    int usable_cores = 1;
    std::optional<OwnCommand> own;   ///< the command under study, where it is one of this program
    std::vector<std::string> fixed;  ///< is added to each of its runs
};

/// The word that stands for this program in a configuration's command.
inline constexpr const char* own_program = "pinfold";

/// All configurations: the base, then each series by rising workers, then the peers'.
///
/// The base is the command on the crew `serial`, and the user's own base program beside it. A
/// program that is told its workers by {workers} alone knows no crews, so it has no base but the
/// user's.
///
/// Throws std::invalid_argument for options that contradict each other.
[[nodiscard]] std::vector<Configuration> configurations_of(const StudyOptions& options,
                                                           const PlanContext& context);

/// One run: which repetition of which configuration.
struct Turn {
    std::size_t configuration = 0;
    int repetition = 0;

    friend bool operator==(const Turn&, const Turn&) = default;
};

/// All runs in order: each round has every configuration once, in an order of its own that follows
/// from the seed. What drifts on the machine then meets all configurations alike.
[[nodiscard]] std::vector<Turn> turns_of(std::size_t configurations, int repetitions,
                                         std::uint64_t seed);

/// The configurations that are run once before the first sample: of each series the one with the
/// most workers, which is the shortest run with strong scaling, and each program of the user's.
[[nodiscard]] std::vector<std::size_t> warm_ups_of(const std::vector<Configuration>& all);

}  // namespace pinfold::apps
