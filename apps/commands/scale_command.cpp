#include <fmt/format.h>
#include <signal.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <pinfold/engine/limits.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "commands/commands.hpp"
#include "environment/environment.hpp"
#include "report/page.hpp"
#include "scale/runner.hpp"
#include "scale/session.hpp"
#include "scale/study_request.hpp"
#include "scale/study_table.hpp"
#include "shell/output.hpp"
#include "shell/stop_signals.hpp"
#include "shell/terminal_line.hpp"
#include "study/analysis.hpp"
#include "study/google_benchmark.hpp"
#include "study/study_csv.hpp"
#include "study/study_json.hpp"

namespace pinfold::apps {

namespace {

struct ScaleOptions {
    StudyWords study;
    std::string out;
    std::string again;
    std::optional<bool> measures_machine;
    std::optional<bool> progress;
};

std::vector<OwnCommand> own_commands(const Program& program) {
    std::vector<OwnCommand> commands;
    for (const Subcommand& command : program.commands) {
        OwnCommand& own = commands.emplace_back(OwnCommand{command.name, {}});
        for (const Argument& argument : command.arguments) {
            own.options.push_back(argument.name);
        }
    }
    return commands;
}

std::vector<std::string> words_of_this_process() {
    std::ifstream file("/proc/self/cmdline", std::ios::binary);
    std::vector<std::string> words;
    for (std::string word; std::getline(file, word, '\0');) {
        words.push_back(word);
    }
    return words;
}

SessionRequest request_of(const ScaleOptions& options, const Program& program) {
    SessionRequest request;
    request.commands = own_commands(program);
    request.version = program.version;
    request.environment = look_at_machine({.measure = false});
    request.measures_machine = options.measures_machine.value_or(true);
    request.shows_progress = options.progress.value_or(standard_error_is_terminal());
    if (options.again.empty()) {
        request.options = study_options(options.study, request.environment.usable_cpus);
    } else {
        if (options.study != StudyWords{}) {
            throw std::invalid_argument(
                fmt::format("--again '{}' takes the study as it is described there: nothing else "
                            "of a study may come with it",
                            options.again));
        }
        const Study study = read_study(options.again);
        request.options = study.options;
        request.fixed = study.fixed;
    }
    request.options.directory = std::filesystem::current_path().string();
    request.options.command_line = words_of_this_process();
    return request;
}

void write_files(const Study& study, const Analysis& analysis, const StudyStore& store) {
    store.replace("study.json", to_json(study, analysis));
    store.replace("samples.csv", to_csv(study));
    store.replace("google_benchmark.json", to_google_benchmark(study));
    write_page(study, analysis, store.directory());
}

/// What an error that lost nothing says of the samples that are there.
std::string what_is_kept(const StudyStore& store) {
    try {
        const auto kept = store.kept();
        if (kept && kept->complete) {
            return fmt::format("all samples are kept in '{}'; the same command draws them again",
                               store.directory());
        }
        if (kept && !kept->samples.empty()) {
            const std::size_t count = kept->samples.size();
            return fmt::format("{} {} kept in '{}'; the same command goes on", count,
                               count == 1 ? "sample is" : "samples are", store.directory());
        }
    } catch (const std::exception&) {
        // What is wrong with the files is not what ended the study.
    }
    return "no sample was taken";
}

void run(const ScaleOptions& options, const StopSignals& signals) {
    // A file that may not grow is then an error of write().
    signal(SIGXFSZ, SIG_IGN);
    const SessionRequest request = request_of(options, pinfold_program(signals));
    check_request(request);
    StudyStore store(options.out);
    try {
        const Study study = take_study(request, store, signals.token());
        const Analysis analysis = analyse(study);
        write_files(study, analysis, store);
        Output output;
        output.write(study_table(study, analysis));
        output.finish();
    } catch (const std::invalid_argument&) {
        throw;  // nothing was run
    } catch (const RunStopped&) {
        print_error(what_is_kept(store));
        throw;
    } catch (const std::exception& error) {
        throw std::runtime_error(fmt::format("{} ({})", error.what(), what_is_kept(store)));
    }
}

Argument option(const char* name, std::string& place, const char* type,
                const std::string& description) {
    return {.name = name,
            .place = &place,
            .description = description,
            .type = type,
            .shows_default = true};
}

using Arguments = std::vector<Argument>;

Arguments arguments_of_what_is_run(StudyWords& study) {
    return {
        {.name = "COMMAND",
         .place = &study.command,
         .description = "behind --: a command of pinfold that runs a job, or any program\n"
                        "that PINFOLD_CREW, PINFOLD_WORKERS and PINFOLD_PIN reach;\n"
                        "{workers} and {n} in it are replaced"},
        option("--workers", study.workers, "LIST",
               fmt::format("such as 1,2,4; auto is 1, 2, 4 and so on, up to the usable\nCPUs; "
                           "up to {} each",
                           max_workers)),
        option("--crews", study.crews, "LIST", "of serial, threads, processes; serial is the base"),
        option("--pins", study.pins, "LIST",
               "of cores, compact, scatter, none; lists of CPUs are separated\nby semicolons: "
               "'0,2;0,1'"),
        {.name = "--strong",
         .place = &study.strong,
         .description = "the same work for all workers, which is the default"},
        {.name = "--weak",
         .place = &study.weak,
         .description = "work that grows as the workers do, by what {n} stands for,\n"
                        "such as 'n=1e8*{workers}'",
         .type = "RULE",
         .excludes = {"--strong"}},
        {.name = "--n",
         .place = &study.n,
         .description = "what {n} stands for, without --weak",
         .type = "N",
         .excludes = {"--weak"}},
    };
}

Arguments arguments_of_other_programs(StudyWords& study) {
    return {{.name = "--base",
             .place = &study.base,
             .description = "a shell command: the best serial program for the work",
             .type = "LINE"},
            {.name = "--peer",
             .place = &study.peers,
             .description = "a shell command that does the same work, such as\n"
                            "'OMP_NUM_THREADS={workers} ./omp {n}'; may be repeated",
             .type = "LINE"}};
}

Arguments arguments_of_how_it_is_measured(StudyWords& study) {
    return {option("--repeat", study.repeat, "N",
                   "how many runs of each; fewer than 6 give no interval"),
            option("--narrow", study.narrow, "SHARE",
                   "end earlier, after 6 runs of each, when all intervals are\nthis close to their "
                   "medians; 0% never"),
            option("--seed", study.seed, "N", "of the order of the runs [made up, and kept]"),
            option("--shortest-run", study.shortest_run, "TIME", "a shorter run is refused"),
            option("--run-deadline", study.run_deadline, "TIME", "a longer run ends the study")};
}

Arguments arguments_of(ScaleOptions& options) {
    Arguments all{{.name = "--out",
                   .place = &options.out,
                   .description = "the study's directory; an interrupted study there goes on",
                   .type = "DIR",
                   .required = true},
                  {.name = "--again",
                   .place = &options.again,
                   .description = "take the study that this study.json describes once more,\n"
                                  "here; nothing else of a study may be asked for then",
                   .type = "FILE"}};
    for (const Arguments& more :
         {arguments_of_what_is_run(options.study), arguments_of_other_programs(options.study),
          arguments_of_how_it_is_measured(options.study)}) {
        all.insert(all.end(), more.begin(), more.end());
    }
    all.push_back({.name = "--machine",
                   .place = &options.measures_machine,
                   .description = "measure the machine's clock under load and its bandwidth\n"
                                  "too, about a second [it is]"});
    all.push_back({.name = "--progress",
                   .place = &options.progress,
                   .description = "progress on standard error [only on a terminal]"});
    return all;
}

}  // namespace

Subcommand scale_command(const StopSignals& signals) {
    const auto options = std::make_shared<ScaleOptions>();
    return {
        "scale", "Measure how a job scales on this machine", arguments_of(*options),
        "Each run is a new process. The order of the runs is random, each round has every\n"
        "configuration once, and every sample is kept as it is taken. The method and the grain\n"
        "of a command of pinfold are the same in all runs. A run's value is compared with the\n"
        "others': the member \"value\" of the JSON that it prints, in all programs; else all\n"
        "that it prints, in the runs of one program, unless its first two runs differ.\n"
        "The figures are those of the job where each run prints a report in JSON, as\n"
        "pinfold::to_json(report) does, else those of the whole command.\n"
        "\n"
        "Examples:\n"
        "  pinfold scale --out study -- prime-sum 0 1e10 --method sieve\n"
        "  pinfold scale --out study --workers 1,2,4 --crews threads,processes\n"
        "      --pins cores,none -- prime-count 0 1e11 --method sieve\n"
        "  pinfold scale --out study --weak 'n=1e9*{workers}' -- prime-sum 0 {n} --method sieve\n"
        "  pinfold scale --out study --peer 'OMP_NUM_THREADS={workers} ./omp' -- ./program\n"
        "  pinfold scale --out study2 --again study/study.json",
        [options, &signals] { run(*options, signals); }};
}

}  // namespace pinfold::apps
