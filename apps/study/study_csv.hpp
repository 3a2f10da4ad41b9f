#pragma once

#include <string>

#include "study/study.hpp"

namespace pinfold::apps {

/// All samples as comma-separated values, one a line, under a header line that names the members.
/// Each line has what tells its configuration in front. What is absent is an empty cell; what a
/// sample tells of each worker is in the JSON alone. Texts are quoted as RFC 4180 says.
[[nodiscard]] std::string to_csv(const Study& study);

}  // namespace pinfold::apps
