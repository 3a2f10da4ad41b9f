#pragma once

#include <string>

#include "study/study.hpp"

namespace pinfold::apps {

/// All samples in the form of Google Benchmark's JSON, so that its compare.py and whatever else
/// reads that form takes a study: a sample is a repetition with one iteration, the workers are its
/// threads, and its name is made of the command, the series and the workers. Times are in ms.
///
/// `real_time` is that of the job where all samples tell it, else that of the whole command;
/// `cpu_time` is that of the whole command. Of the context, what the machine did not tell is
/// absent.
[[nodiscard]] std::string to_google_benchmark(const Study& study);

}  // namespace pinfold::apps
