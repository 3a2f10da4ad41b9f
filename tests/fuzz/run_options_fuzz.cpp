// The input is the arguments of a command that has every run option, one word a line, such as
// 0, 1e9, --workers, 4. They are checked as for a job, and no job is started.

#include "shell/run_options.hpp"

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

struct Typed {
    std::string begin;
    std::string end;
    RunOptions run;
};

/// Fills `request` from a command line; false when that is refused or asks for help.
bool parse(std::string_view text, Typed& request) {
    const apps::Program program{
        "fuzzed",
        "0",
        "",
        "",
        {{"job", "",
          apps::with_run_arguments({{.name = "BEGIN", .place = &request.begin, .description = ""},
                                    {.name = "END", .place = &request.end, .description = ""}},
                                   request.run),
          "", [] {}}}};
    std::vector<std::string> words = words_of(text);
    words.insert(words.begin(), "job");
    const auto parsed = accepted([&] { return apps::parse_arguments(program, words); });
    return parsed && parsed->command != nullptr;
}

void check_setup(const Typed& request, Range range, const JobSetup& setup) {
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
    Typed request;
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
