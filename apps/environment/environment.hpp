#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "study/study.hpp"

namespace pinfold::apps {

/// How a machine is looked at.
struct LookOptions {
    std::filesystem::path root = "/";  ///< the folder that stands for "/": tests lay out others
    bool measure = true;  ///< the clock under load and what others run: some 0.5 s in all
};

/// The machine that this process runs on, without its bandwidths: what it is, what of it may be
/// used, what it does at this moment, and how this program was built. Its warnings are those that
/// hold for any number of workers.
///
/// A fact that the machine does not tell is "unknown" and has no number. With another root, facts
/// that only a running machine has are unknown: what is measured, and its topology.
///
/// Throws nothing of its own. Thread-safety: one call at a time, while nothing else is measured.
[[nodiscard]] Environment look_at_machine(const LookOptions& options = {});

/// The fact of that group and name, or nullptr.
[[nodiscard]] const Fact* find_fact(const std::vector<Fact>& facts, const std::string& group,
                                    const std::string& name);

/// What makes figures of up to so many workers on this machine doubtful, a sentence each. A pure
/// function of the environment's facts and numbers.
[[nodiscard]] std::vector<std::string> warnings_of(const Environment& environment, int workers);

}  // namespace pinfold::apps
