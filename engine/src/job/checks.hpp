#pragma once

#include <sys/types.h>

#include <pinfold/engine/detail/call_checks.hpp>
#include <pinfold/engine/detail/run_job.hpp>
#include <pinfold/engine/options.hpp>
#include <pinfold/shm/arena.hpp>
#include <span>
#include <string>

namespace pinfold::detail {

/// A pool's crew, and who chose it: a refusal of what it cannot give says so.
struct ChosenCrew {
    Crew crew;
    bool by_environment = false;
};

/// What a pool is made with when the environment has filled what was left at its default.
struct CheckedOptions {
    PoolOptions options;
    ChosenCrew crew;
    std::string placed_by;  // for a refusal: the variables that say how many workers run and where
};

/// Fills them. Throws std::invalid_argument, naming the value and the limit, for options that make
/// no sense, apart from those that depend on the machine.
[[nodiscard]] CheckedOptions checked_options(const PoolOptions& given);

/// The crew of a pool that is made here with `wanted`: in a worker and in a map, the serial one.
[[nodiscard]] ChosenCrew crew_here(ChosenCrew wanted) noexcept;

/// The same for a job's settings, of which some need a crew.
void check_settings(const JobSettings& settings, ChosenCrew crew);

/// Refuses a look-ahead that means nothing to the job.
void check_look_ahead(const JobSpec& spec);

/// The same for a whole job: its settings, and its results beside them.
void check_job(const JobSpec& spec, ChosenCrew crew);

/// Throws std::invalid_argument for a journal of results that have any size.
void check_journal(const JobSpec& spec);

/// See call_checks.hpp. `worker` has the memory that workers have, or is 0 where they are threads.
void check_words(const shm::Arena& arena, pid_t worker, const char* what,
                 std::span<const std::uintptr_t> words, bool is_exact);

}  // namespace pinfold::detail
