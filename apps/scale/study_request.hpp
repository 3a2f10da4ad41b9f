#pragma once

#include <optional>
#include <string>
#include <vector>

#include "study/study.hpp"

namespace pinfold::apps {

/// What a user typed about a study; an empty text was not given.
struct StudyWords {
    std::vector<std::string> command;
    std::string workers = "auto";
    std::string crews = "processes";
    std::string pins = "cores";
    std::string repeat = "10";
    std::string narrow = "1%";
    bool strong = false;
    std::string weak;
    std::string n;
    std::vector<std::string> peers;
    std::string base;
    std::string seed;
    std::string shortest_run = "100ms";
    std::string run_deadline;

    friend bool operator==(const StudyWords&, const StudyWords&) = default;
};

/// The words as a study's options. `usable_cpus` is what `auto` workers go up to. Without a seed
/// the options have seed 0: the study makes one up.
///
/// Throws std::invalid_argument that names the option, its value and the limit that it breaks.
[[nodiscard]] StudyOptions study_options(const StudyWords& words, int usable_cpus);

/// 1, 2, 4 and so on below `cpus`, and `cpus` itself.
[[nodiscard]] std::vector<int> workers_up_to(int cpus);

}  // namespace pinfold::apps
