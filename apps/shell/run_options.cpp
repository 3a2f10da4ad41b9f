#include "shell/run_options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <memory>
#include <pinfold/engine/chunk_plan.hpp>
#include <pinfold/engine/environment.hpp>
#include <stdexcept>
#include <system_error>

#include "shell/duration.hpp"
#include "shell/number.hpp"
#include "shell/output.hpp"
#include "shell/progress_bar.hpp"
#include "shell/stop_signals.hpp"
#include "trace/trace_file.hpp"

namespace pinfold::apps {

namespace {

OnPoison parse_on_poison(const std::string& text) {
    if (text == "fail") {
        return OnPoison::fail;
    }
    if (text == "skip") {
        return OnPoison::skip;
    }
    throw std::invalid_argument(fmt::format("--on-poison '{}' is not one of fail, skip", text));
}

PoolOptions pool_options(const RunOptions& options) {
    PoolOptions pool;
    if (!options.crew.empty()) {
        pool.crew = parse_crew(options.crew);
    }
    pool.pin = options.pin;
    if (!options.workers.empty()) {
        constexpr Bounds bounds{1, max_workers};
        pool.workers = static_cast<int>(parse_uint64("--workers", options.workers, bounds));
    }
    return with_environment(pool);
}

JobSettings job_settings(const RunOptions& options, Crew crew) {
    JobSettings settings;
    if (!options.grain.empty()) {
        settings.grain = parse_uint64("--grain", options.grain, {1, two_to_64 - 1});
    }
    if (!options.max_attempts.empty()) {
        constexpr Bounds bounds{1, most_attempts};
        settings.max_attempts =
            static_cast<int>(parse_uint64("--max-attempts", options.max_attempts, bounds));
    }
    if (!options.deadline.empty()) {
        settings.deadline = parse_duration("--deadline", options.deadline);
    }
    if (!options.chunk_deadline.empty()) {
        settings.chunk_deadline = parse_duration("--chunk-deadline", options.chunk_deadline);
        if (crew != Crew::processes) {
            throw std::invalid_argument(fmt::format(
                "--chunk-deadline '{}' needs --crew processes: the crew '{}'{} cannot end a chunk",
                options.chunk_deadline, to_string(crew),
                options.crew.empty() ? ", which PINFOLD_CREW says," : ""));
        }
    }
    settings.on_poison = parse_on_poison(options.on_poison);
    // A user who stops a job wants it gone; only processes can be ended in the middle of a chunk.
    settings.kill = crew == Crew::processes;
    return settings;
}

JournalOptions journal_options(const RunOptions& options, const JobNature& nature) {
    JournalOptions journal;
    if (options.journal.empty()) {
        return journal;
    }
    if (nature.sum_name.empty()) {
        throw std::invalid_argument(
            fmt::format("--journal '{}': only sums and counts over a range can have a journal",
                        options.journal));
    }
    journal.file = options.journal;
    journal.kernel = nature.sum_name;
    journal.version = 1;
    return journal;
}

/// Throws where both would be written to one file.
void check_trace_apart(const RunOptions& options) {
    namespace fs = std::filesystem;
    std::error_code ignored;
    const auto whole = [&](const std::string& file) { return fs::weakly_canonical(file, ignored); };
    if (!options.journal.empty() && whole(options.trace) == whole(options.journal)) {
        throw std::invalid_argument(
            fmt::format("--trace '{}' is the file of --journal", options.trace));
    }
}

bool verification(const RunOptions& options, const JobNature& nature) {
    if (options.verify && nature.sum_name.empty() && !nature.can_verify) {
        throw std::invalid_argument("--verify: only sums and counts over a range can be verified");
    }
    if (options.verify && options.on_poison == "skip") {
        throw std::invalid_argument("--verify needs --on-poison fail: runs may skip other numbers");
    }
    return options.verify;
}

std::vector<Argument> arguments_of_a_run(RunOptions& options) {
    const auto option = [](const char* name, std::string& place, const char* type,
                           const std::string& description) {
        return Argument{.name = name,
                        .place = &place,
                        .description = description,
                        .type = type,
                        .group = "How it runs",
                        .shows_default = true};
    };
    return {
        option("--crew", options.crew, "CREW",
               "serial, threads or processes\n[PINFOLD_CREW, else processes]"),
        option("--workers", options.workers, "N",
               fmt::format("how many workers, 1 to {}\n"
                           "[PINFOLD_WORKERS, else one for each usable core]",
                           max_workers)),
        option("--pin", options.pin, "POLICY",
               "where workers run: cores, compact, scatter, none,\n"
               "or CPUs such as 0,2,4-7; each may end in @numa:NODE\n[PINFOLD_PIN, else cores]"),
        option("--grain", options.grain, "N",
               "how many numbers a chunk has [chosen by the range alone]"),
        option("--deadline", options.deadline, "TIME",
               "end the job after this time, such as 500ms, 2s or 1m"),
        option("--chunk-deadline", options.chunk_deadline, "TIME",
               "end a chunk after this time and start it again\n(processes only)"),
        option("--max-attempts", options.max_attempts, "N",
               fmt::format(
                   "how often a chunk may be started before it counts\nas poison, 1 to {} [{}]",
                   most_attempts, JobSettings{}.max_attempts)),
        option("--on-poison", options.on_poison, "fail|skip",
               "end the job at a poison chunk, or skip it and say so"),
        option("--journal", options.journal, "FILE",
               "keep what is done in this file; the same command then\n"
               "goes on after a kill or a crash (sums and counts)"),
        option("--trace", options.trace, "FILE",
               "write when each chunk ran, and where, for\nui.perfetto.dev or chrome://tracing"),
        {.name = "--verify",
         .place = &options.verify,
         .description =
             "find it again, by another method or over other chunk\nborders, and compare "
             "(sums and counts over a range)",
         .group = "How it runs"},
    };
}

std::vector<Argument> arguments_of_what_is_printed(RunOptions& options) {
    const std::string prints = "What it prints";
    return {
        {.name = "--json",
         .place = &options.json,
         .description = "one object: value and report; numbers that may exceed\n"
                        "2^53, such as value, begin and end, are strings in it,\n"
                        "and counts are numbers",
         .group = prints},
        {.name = "--csv",
         .place = &options.csv,
         .description = "comma-separated values under a header line",
         .group = prints,
         .excludes = {"--json"}},
        {.name = "--progress",
         .place = &options.progress,
         .description = "progress on standard error [only on a terminal]",
         .group = prints},
    };
}

}  // namespace

std::vector<Argument> with_run_arguments(std::vector<Argument> own, RunOptions& options) {
    std::ranges::copy(arguments_of_a_run(options), std::back_inserter(own));
    std::ranges::copy(arguments_of_what_is_printed(options), std::back_inserter(own));
    return own;
}

JobSetup set_up_job(const RunOptions& options, const JobNature& nature,
                    const StopSignals& signals) {
    JobSetup setup;
    setup.pool = pool_options(options);
    setup.settings = job_settings(options, setup.pool.crew);
    if (setup.settings.grain == 0) {
        setup.settings.grain = nature.default_grain;
    }
    // Made here only for its checks: the job makes the same one when its workers already run.
    [[maybe_unused]] const ChunkPlan plan(nature.range, setup.settings.grain);
    setup.settings.journal = journal_options(options, nature);
    setup.verify = verification(options, nature);
    setup.settings.stop = signals.token();
    if (!options.trace.empty()) {
        check_trace_apart(options);
        setup.trace = std::make_shared<TraceFile>(options.trace, print_error);
        setup.settings.timeline = &setup.trace->timeline();
    }
    if (options.json || options.csv) {
        setup.format = options.json ? Format::json : Format::csv;
    }
    if (options.progress.value_or(standard_error_is_terminal())) {
        const auto bar = std::make_shared<ProgressBar>(static_cast<double>(nature.range.size()));
        setup.settings.progress = [bar](const Progress& progress) { bar->update(progress); };
    }
    return setup;
}

void finish(Output& output, const JobSetup& setup) {
    output.finish();
    if (setup.trace) {
        setup.trace->finish();
    }
}

}  // namespace pinfold::apps
