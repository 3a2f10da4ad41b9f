#pragma once

#include <memory>
#include <optional>
#include <pinfold/engine/options.hpp>
#include <pinfold/engine/range.hpp>
#include <string>
#include <vector>

#include "shell/arguments.hpp"
#include "shell/result.hpp"

namespace pinfold::apps {

class Output;
class StopSignals;
class TraceFile;

/// What a user typed about how a job runs: the options that every computing command has. An empty
/// text was not given.
struct RunOptions {
    std::string crew;
    std::string workers;
    std::string pin;
    std::string grain;
    std::string deadline;
    std::string chunk_deadline;
    std::string max_attempts;
    std::string on_poison = "fail";
    std::string journal;
    std::string trace;
    bool verify = false;
    bool json = false;
    bool csv = false;
    std::optional<bool> progress;
};

/// A command's own arguments, and behind them the options of every computing command, whose places
/// are in `options`.
[[nodiscard]] std::vector<Argument> with_run_arguments(std::vector<Argument> own,
                                                       RunOptions& options);

/// The options in the engine's terms.
struct JobSetup {
    PoolOptions pool;
    JobSettings settings;
    Format format = Format::text;
    bool verify = false;               ///< see run_and_verify()
    std::shared_ptr<TraceFile> trace;  ///< of all jobs that have `settings`; none without --trace
};

/// What a command knows of its job before the user's options apply.
struct JobNature {
    Range range;
    std::uint64_t default_grain = 1;  ///< for a user who gives none
    std::string sum_name;  ///< what a journal calls a sum over the range; empty: it is no such sum
    bool can_verify = false;  ///< by other means than a sum has
};

/// Checks the options for a job and starts nothing. The job ends by the stop signals, which must
/// outlive it, and shows its progress on a terminal.
///
/// Throws std::invalid_argument that names the option, its value and the limit that it breaks.
[[nodiscard]] JobSetup set_up_job(const RunOptions& options, const JobNature& nature,
                                  const StopSignals& signals);

/// The end of a command: nothing of its result, and then of its trace, is left unwritten. Throws
/// std::system_error.
void finish(Output& output, const JobSetup& setup);

}  // namespace pinfold::apps
