#pragma once

#include <string>
#include <vector>

#include "study/study.hpp"

namespace pinfold::apps {

/// How far from its median the interval of a configuration reaches, as a share of the median; below
/// 0 where six samples are not there yet, and so no interval. Of the job's time where its samples
/// tell it, else of the command's.
[[nodiscard]] double width_of(const Study& study, std::size_t configuration);

/// Whether more samples are not worth their time: the interval of each configuration is as narrow
/// as was asked for. Below six samples nothing is.
[[nodiscard]] bool is_narrow(const Study& study);

/// What the study has to say of its intervals at its end, a sentence each: how many repetitions
/// were enough, or which intervals are still wide.
[[nodiscard]] std::vector<std::string> notes_on_width(const Study& study);

}  // namespace pinfold::apps
