#pragma once

#include <optional>
#include <string>

#include "study/study.hpp"

namespace pinfold::apps {

/// How many bytes of memory that many workers with these pins read in a second, all together: a
/// bound for any job that reads its data once. Each worker reads memory of its own, that it touched
/// first, so that it lies on the worker's NUMA node; together it is twice the last-level caches of
/// the machine, as far as they are told, and 64 MiB at least.
///
/// Absent where the machine has less than four times that memory to spare, so that what fits is no
/// measure of it.
///
/// Run time: 0.15 s, and a pool, and as long as it takes to fill the memory: about 0.1 s a GiB of
/// it with huge pages, three times that without. Throws what a Pool throws, also for options that
/// make no sense.
[[nodiscard]] std::optional<Bandwidth> measure_bandwidth(int workers, const std::string& pin);

}  // namespace pinfold::apps
