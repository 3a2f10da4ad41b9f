#pragma once

#include <string>
#include <vector>

#include "compare/measurements.hpp"

namespace pinfold::apps {

/// Throws std::invalid_argument that says how they differ unless both are of the same work.
void refuse_unlike(const Measurements& before, const Measurements& after);

/// The same for two measurements of one name.
void refuse_unlike(const Measurement& before, const Measurement& after);

/// Facts of one name with other texts, each as "name: text -> text".
[[nodiscard]] std::vector<std::string> differences(const std::vector<Fact>& before,
                                                   const std::vector<Fact>& after);

}  // namespace pinfold::apps
