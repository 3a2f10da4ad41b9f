#include "is_prime_command.hpp"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <pinfold/engine/chunk_plan.hpp>
#include <pinfold/engine/map_reduce.hpp>
#include <pinfold/kernels/is_prime.hpp>
#include <pinfold/kernels/isa.hpp>
#include <string>
#include <vector>

#include "number.hpp"
#include "output.hpp"
#include "result.hpp"
#include "run_options.hpp"

namespace pinfold::apps {

namespace {

constexpr const char* command_name = "is-prime";

struct IsPrimeOptions {
    std::vector<std::string> numbers;
    RunOptions run;
};

struct NoArgument {};

// What are_prime() writes, and what stays where a chunk was skipped.
constexpr std::uint8_t is_prime = 1;
constexpr std::uint8_t unknown = 2;

const char* answer_text(std::uint8_t answer) {
    if (answer == unknown) {
        return "unknown";
    }
    return answer == is_prime ? "prime" : "not prime";
}

std::vector<std::uint64_t> parse_numbers(const std::vector<std::string>& texts) {
    std::vector<std::uint64_t> numbers;
    numbers.reserve(texts.size());
    for (const std::string& text : texts) {
        numbers.push_back(parse_uint64("N", text));
    }
    return numbers;
}

void run(const IsPrimeOptions& options, const StopSignals& signals) {
    // Asked for its refusal: PINFOLD_ISA may name a level that this machine has not.
    [[maybe_unused]] const kernels::Isa isa = kernels::active_isa();
    const std::vector<std::uint64_t> numbers = parse_numbers(options.numbers);
    const std::uint64_t grain = default_grain(numbers.size(), sizeof(std::uint64_t));
    const JobSetup setup = set_up_job(options.run, {Range{0, numbers.size()}, grain, ""}, signals);
    Pool pool(setup.pool);
    const auto input = pool.array<std::uint64_t>(numbers.size());
    const auto answers = pool.array<std::uint8_t>(numbers.size());
    std::ranges::copy(numbers, input.begin());
    std::ranges::fill(answers, unknown);
    const JobReport report = transform(
        pool, input, answers, NoArgument{},
        [](const NoArgument&, std::span<const std::uint64_t> in, std::span<std::uint8_t> out,
           const Chunk&) { kernels::are_prime(in, out); },
        setup.settings);
    warn_of_skipped(report);
    Output output;
    print_table(output, setup.format,
                {command_name,
                 {{"value", std::to_string(std::ranges::count(answers, is_prime))}},
                 report_json(setup.pool, report)},
                {{"n", "answer"}, numbers.size(), [&](std::uint64_t row) -> std::vector<Json> {
                     return {std::to_string(numbers[row]), answer_text(answers[row])};
                 }});
    output.finish();
}

}  // namespace

void add_is_prime_command(CLI::App& app, const StopSignals& signals) {
    const auto options = std::make_shared<IsPrimeOptions>();
    CLI::App* command = app.add_subcommand(command_name, "Tell whether numbers are prime");
    command->add_option("N", options->numbers, "numbers up to 2^64 - 1")->required()->type_name("");
    add_run_options(*command, options->run);
    command->footer(
        "Examples:\n"
        "  pinfold is-prime 97 91            97 prime, 91 not prime\n"
        "  pinfold is-prime 2305843009213693951\n"
        "With --json, value is how many of them are prime.");
    command->callback([options, &signals] { run(*options, signals); });
}

}  // namespace pinfold::apps
