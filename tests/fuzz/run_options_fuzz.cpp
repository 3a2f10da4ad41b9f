// The input is the arguments of a command that has every run option, one word a line, such as
// 0, 1e9, --workers, 4. They are checked as for a job, and no job is started.

#include "shell/run_options.hpp"

#include <CLI/CLI.hpp>
#include <pinfold/engine/chunk_plan.hpp>
#include <string>

#include "arguments.hpp"
#include "fuzz_target.hpp"
#include "shell/number.hpp"
#include "shell/stop_signals.hpp"

namespace pinfold::fuzz {
namespace {

using namespace std::chrono_literals;
using apps::JobSetup;
using apps::RunOptions;

struct Request {
    std::string begin;
    std::string end;
    RunOptions run;
};

/// Fills `request` from a command line; false when that is refused or asks for help.
bool parse(std::string_view text, Request& request) {
    CLI::App app;
    app.add_option("BEGIN", request.begin);
    app.add_option("END", request.end);
    apps::add_run_options(app, request.run);
    try {
        app.parse(reversed_arguments(text));
    } catch (const CLI::Error& refusal) {
        require(*refusal.what() != '\0', "a refusal says why");
        return false;
    }
    return true;
}

void check_setup(const Request& request, Range range, const JobSetup& setup) {
    const PoolOptions& pool = setup.pool;
    const JobSettings& settings = setup.settings;
    require(pool.workers >= 0 && pool.workers <= max_workers, "0 to 1024 workers");
    require(request.run.workers.empty() || pool.workers >= 1, "no workers are never asked for");
    require(settings.grain >= 1, "a job has a grain");
    require(ChunkPlan(range, settings.grain).size() <= max_chunks, "a plan is not too long");
    require(settings.max_attempts >= 1 && settings.max_attempts <= 100, "1 to 100 attempts");
    require(settings.deadline >= 0ns && settings.deadline <= 8760h, "a deadline within a year");
    require(settings.chunk_deadline == 0ns || pool.crew == Crew::processes,
            "only processes have a chunk deadline");
    require(!settings.kill || pool.crew == Crew::processes, "only processes are killed");
    require(settings.journal.file == request.run.journal, "a journal that is named is used");
}

}  // namespace
}  // namespace pinfold::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace pinfold::fuzz;
    using namespace pinfold::apps;
    static const StopSignals signals;
    Request request;
    if (!parse(as_text(data, size), request)) {
        return 0;
    }
    const auto range = accepted([&] { return parse_range(request.begin, request.end); });
    if (!range) {
        return 0;
    }
    const JobNature nature{*range, pinfold::default_grain(*range), "fuzzed job"};
    const auto setup = accepted([&] { return set_up_job(request.run, nature, signals); });
    if (setup) {
        check_setup(request, *range, *setup);
    }
    return 0;
}
