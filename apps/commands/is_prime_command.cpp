#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <memory>
#include <pinfold/engine/chunk_plan.hpp>
#include <pinfold/engine/pool.hpp>
#include <pinfold/kernels/isa.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "commands/commands.hpp"
#include "commands/number_line.hpp"
#include "commands/primality_rows.hpp"
#include "jobs/job_series.hpp"
#include "jobs/machine_memory.hpp"
#include "jobs/primality/number_source.hpp"
#include "jobs/primality/primality_job.hpp"
#include "shell/mapped_file.hpp"
#include "shell/number.hpp"
#include "shell/output.hpp"
#include "shell/progress_bar.hpp"
#include "shell/result.hpp"
#include "shell/run_options.hpp"

namespace pinfold::apps {

namespace {

constexpr const char* command_name = "is-prime";

struct IsPrimeOptions {
    std::vector<std::string> numbers;
    std::string file;
    std::string random;
    std::string from = "0";
    std::string to = "2^64";
    std::string seed = "0";
    bool count = false;
    RunOptions run;

    [[nodiscard]] Wanted wanted() const { return count ? Wanted::count : Wanted::answers; }
};

// A batch of numbers keeps the lanes of are_prime() filled; a chunk of this many takes some 50 µs.
constexpr std::uint64_t least_random_grain = 1024;

// About as much work, in bytes of lines.
constexpr std::uint64_t least_file_grain = std::uint64_t{1} << 14;

/// Tests the source's numbers, then prints them and their answers, or how many are prime.
/// `described` goes into the JSON and CSV output before that value.
template <NumberSource Source>
void test_and_print(const IsPrimeOptions& options, const JobSetup& setup, Pool& pool,
                    const Source& source, const ChunkPlan& plan, Json::Members described) {
    const PrimalityResult result =
        test_numbers(pool, source, plan, options.wanted(), setup.settings);
    warn_of_losses(result.report);
    described.emplace_back("value", std::to_string(result.primes));
    const Result printed{command_name, std::move(described),
                         report_members(setup.pool, result.report, setup.settings.grain)};
    Output output;
    if (options.count) {
        print_result(output, setup.format, printed);
    } else {
        output.write(table_head(setup.format, printed, {"n", "answer"}));
        print_answers(output, setup.format, source, plan, result);
        output.write(table_end(setup.format));
    }
    finish(output, setup);
}

void test_listed(const IsPrimeOptions& options, const StopSignals& signals) {
    std::vector<std::uint64_t> numbers;
    for (const std::string& text : options.numbers) {
        numbers.push_back(parse_uint64("N", text));
    }
    const Range range{0, numbers.size()};
    const std::uint64_t grain = default_grain(numbers.size(), sizeof(std::uint64_t));
    const JobSetup setup = set_up_job(options.run, {range, grain, ""}, signals);
    Pool pool(setup.pool);
    const auto shared = pool.array<std::uint64_t>(numbers.size());
    std::ranges::copy(numbers, shared.begin());
    test_and_print(options, setup, pool, ListedNumbers{shared.span()},
                   ChunkPlan(range, setup.settings.grain), {});
}

void test_random(const IsPrimeOptions& options, const StopSignals& signals) {
    const Range range{0, parse_uint64("--random", options.random)};
    const std::uint64_t from = parse_uint64("--from", options.from);
    const uint128 to = parse_number("--to", options.to, {0, two_to_64});
    if (to <= from) {
        throw std::invalid_argument(
            fmt::format("--to '{}' is not above --from '{}': no number lies between", options.to,
                        options.from));
    }
    const RandomNumbers numbers{parse_uint64("--seed", options.seed), from, to - from};
    const std::uint64_t grain = std::max(least_random_grain, default_grain(range));
    const JobSetup setup = set_up_job(options.run, {range, grain, ""}, signals);
    const ChunkPlan plan(range, setup.settings.grain);
    if (!options.count) {
        check_memory(fmt::format("a table of {} answers", to_decimal(range.end)),
                     primality_bits_bytes(range.end, plan.size()));
    }
    Pool pool(setup.pool);
    test_and_print(options, setup, pool, numbers, plan,
                   {{"random", to_decimal(range.end)},
                    {"from", to_decimal(from)},
                    {"to", to_decimal(to)},
                    {"seed", to_decimal(numbers.seed)}});
}

/// The options of a pool whose workers read the file.
PoolOptions with_readers_of(const MappedFile& file, PoolOptions options) {
    if (options.crew == Crew::processes) {
        options.initializer = [&file] { file.watch_for_cuts(); };
    }
    return options;
}

/// The settings of the job that follows one that took `seconds`, over so many numbers.
JobSettings second_job(JobSettings settings, double seconds, std::uint64_t numbers) {
    settings.deadline = left_of(settings.deadline, seconds);
    if (settings.progress) {
        const auto bar = std::make_shared<ProgressBar>(static_cast<double>(numbers));
        settings.progress = [bar](const Progress& progress) { bar->update(progress); };
    }
    return settings;
}

NumberText numbers_in(const MappedFile& file) {
    return {file.text(), read_number_word, was_cut};
}

/// All lines are looked at before the first number is tested, so that a bad one is refused early
/// and nothing is printed then.
LineSurvey surveyed(Pool& pool, const MappedFile& file, const ChunkPlan& plan,
                    const JobSettings& settings) {
    LineSurvey survey = survey_lines(pool, numbers_in(file), plan, settings);
    file.check_unchanged();
    if (survey.flaw) {
        const std::string name = fmt::format("line {} of {}", survey.flaw->line, file.name());
        check_number_line(name, file.text(), survey.flaw->begin);
        throw std::runtime_error(name + " changed while it was read");
    }
    return survey;
}

void test_file(const IsPrimeOptions& options, const StopSignals& signals) {
    // Mapped before the pool is made, so that the workers have it at the same address.
    const MappedFile file(options.file);
    const Range range{0, file.text().size()};
    const std::uint64_t grain = std::max(least_file_grain, default_grain(range));
    JobSetup setup = set_up_job(options.run, {range, grain, ""}, signals);
    const ChunkPlan plan(range, setup.settings.grain);
    Pool pool(with_readers_of(file, setup.pool));
    const LineSurvey survey = surveyed(pool, file, plan, setup.settings);
    setup.settings = second_job(setup.settings, survey.report.seconds, survey.numbers);
    test_and_print(options, setup, pool, NumbersOfLines{numbers_in(file), survey.counts.span()},
                   plan, {{"numbers", survey.numbers}});
    file.check_unchanged();
}

void run(const IsPrimeOptions& options, const StopSignals& signals) {
    // Asked for its refusal: PINFOLD_ISA may name a level that this machine has not.
    [[maybe_unused]] const kernels::Isa isa = kernels::active_isa();
    if (!options.file.empty()) {
        test_file(options, signals);
    } else if (!options.random.empty()) {
        test_random(options, signals);
    } else if (!options.numbers.empty()) {
        test_listed(options, signals);
    } else {
        throw std::invalid_argument("N is required, or --file FILE, or --random COUNT");
    }
}

std::vector<Argument> random_arguments(IsPrimeOptions& options) {
    const auto one_of_random = [](const char* name, std::string& place, const char* type,
                                  const char* description) {
        return Argument{.name = name,
                        .place = &place,
                        .description = description,
                        .type = type,
                        .shows_default = true,
                        .needs = {"--random"}};
    };
    return {
        {.name = "--random",
         .place = &options.random,
         .description =
             "test COUNT random numbers, uniform from A to B - 1;\nthe same ones for the "
             "same seed, on any machine",
         .type = "COUNT",
         .excludes = {"N", "--file"}},
        one_of_random("--from", options.from, "A", "the least random number"),
        one_of_random("--to", options.to, "B", "one past the largest random number, up to 2^64"),
        one_of_random("--seed", options.seed, "S", "which random numbers, up to 2^64 - 1"),
    };
}

std::vector<Argument> arguments_of(IsPrimeOptions& options) {
    std::vector<Argument> arguments{
        {.name = "N", .place = &options.numbers, .description = "numbers up to 2^64 - 1"},
        {.name = "--file",
         .place = &options.file,
         .description = "test the numbers of this file, one a line; - is\nstandard input",
         .type = "FILE",
         .excludes = {"N"}}};
    std::ranges::copy(random_arguments(options), std::back_inserter(arguments));
    arguments.push_back({.name = "--count",
                         .place = &options.count,
                         .description = "print only how many of them are prime"});
    return with_run_arguments(std::move(arguments), options.run);
}

}  // namespace

Subcommand is_prime_command(const StopSignals& signals) {
    const auto options = std::make_shared<IsPrimeOptions>();
    return {command_name, "Tell whether numbers are prime", arguments_of(*options),
            "Examples:\n"
            "  pinfold is-prime 97 91            97 prime, 91 not prime\n"
            "  pinfold is-prime 2305843009213693951\n"
            "  pinfold is-prime --file numbers.txt --count\n"
            "  seq 1 100 | pinfold is-prime --file -\n"
            "  pinfold is-prime --random 1e6 --from 10^18 --to 10^18+10^9 --seed 7 --count\n"
            "With --json, value is how many of them are prime. With --file, --grain counts bytes.",
            [options, &signals] { run(*options, signals); }};
}

}  // namespace pinfold::apps
