#pragma once

#include <cstddef>
#include <string>

#include "study/study.hpp"

namespace pinfold::apps {

/// How far from its median the interval of a configuration reaches, as a share of the median; below
/// 0 where six samples are not there yet, and so no interval. Of the job's time where its samples
/// tell it, else of the command's.
[[nodiscard]] double width_of(const Study& study, std::size_t configuration);

/// Whether more samples are not worth their time: the interval of each configuration is as narrow
/// as was asked for. Below six samples nothing is.
[[nodiscard]] bool is_narrow(const Study& study);

/// A sentence for a study that is over before all of its repetitions; empty for another. Which
/// intervals stayed wide is for the analysis to say.
[[nodiscard]] std::string note_on_early_end(const Study& study);

}  // namespace pinfold::apps
