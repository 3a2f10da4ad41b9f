#pragma once

#include <string>
#include <string_view>

#include "study/analysis.hpp"
#include "study/study.hpp"

namespace pinfold::apps {

/// What a file of a study says of itself, in its members `format` and `version`. A version is
/// raised where an older reader would misread a file; a member that is new is no reason.
inline constexpr std::string_view study_format = "pinfold-study";
inline constexpr int study_version = 1;

/// A study as JSON: one object, with a line for each of its members, configurations and samples.
/// What is absent in the study is absent there. With an analysis it has a member `analysis` too.
[[nodiscard]] std::string to_json(const Study& study);
[[nodiscard]] std::string to_json(const Study& study, const Analysis& analysis);

/// A part of a study as JSON on one line, without its end.
[[nodiscard]] std::string to_json(const StudyOptions& options);
[[nodiscard]] std::string to_json(const Sample& sample);

/// The study in a text that to_json() made; an analysis in it is passed over. `origin` is what
/// errors call the text.
///
/// Throws std::invalid_argument that names `origin`, and the place in it, for a text that is cut or
/// is no study, a study of a later version, and a sample of a configuration that is not there.
[[nodiscard]] Study parse_study(std::string_view text, const std::string& origin);

/// The sample in a line that to_json() made. Throws like parse_study().
[[nodiscard]] Sample parse_sample(std::string_view text, const std::string& origin);

/// The study in a directory that pinfold scale wrote, or in its study.json. The samples of a study
/// that is not complete come from the samples.jsonl beside it.
///
/// Throws like parse_study(), and std::invalid_argument where nothing can be read.
[[nodiscard]] Study read_study(const std::string& directory_or_file);

}  // namespace pinfold::apps
