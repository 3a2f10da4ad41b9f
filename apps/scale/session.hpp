#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "scale/own_command.hpp"
#include "study/study.hpp"
#include "study/study_store.hpp"

namespace pinfold::apps {

/// What a study is to be taken of, and how.
struct SessionRequest {
    StudyOptions options;
    std::vector<std::string> fixed;    ///< by the study that is done again; else empty
    std::vector<OwnCommand> commands;  ///< those of this program
    std::string version;               ///< of this program
    Environment environment;           ///< of this machine, as it is seen at once
    bool measures_machine = true;      ///< also what takes a second
    bool shows_progress = false;
};

/// Refuses, before the first run, what can be seen to be wrong with a study: options that
/// contradict each other, a program that is not there. Throws std::invalid_argument.
void check_request(const SessionRequest& request);

/// Takes a study, or the rest of one that is in the store, or nothing where that is complete. Each
/// sample is in the store when it returns or throws.
///
/// Throws std::invalid_argument where another study is in the store, what Runner throws, and
/// std::runtime_error for a run that is too short or found another value than the others.
[[nodiscard]] Study take_study(const SessionRequest& request, StudyStore& store,
                               const std::stop_token& stop);

}  // namespace pinfold::apps
