#include "prime_sum_command.hpp"

#include <fmt/format.h>

#include <memory>
#include <pinfold/engine/chunk_plan.hpp>
#include <pinfold/kernels/isa.hpp>
#include <stdexcept>
#include <string>

#include "machine_memory.hpp"
#include "number.hpp"
#include "output.hpp"
#include "prime_sums.hpp"
#include "result.hpp"
#include "run_options.hpp"
#include "verification.hpp"

namespace pinfold::apps {

namespace {

constexpr const char* command_name = "prime-sum";

struct PrimeSumOptions {
    std::string begin;
    std::string end;
    std::string each;
    std::string method = "auto";
    RunOptions run;
};

/// FIRST:LAST:STEP.
Ends parse_ends(std::string_view text) {
    const std::size_t first_colon = text.find(':');
    const std::size_t second_colon = text.find(':', first_colon + 1);
    if (first_colon == std::string_view::npos || second_colon == std::string_view::npos) {
        throw std::invalid_argument(
            fmt::format("--each '{}' is not of the form FIRST:LAST:STEP", text));
    }
    const Ends ends{
        parse_uint64("FIRST of --each", text.substr(0, first_colon)),
        parse_number("LAST of --each", text.substr(first_colon + 1, second_colon - first_colon - 1),
                     {0, two_to_64}),
        parse_uint64("STEP of --each", text.substr(second_colon + 1), {1, two_to_64 - 1})};
    if (ends.last < ends.first) {
        throw std::invalid_argument(fmt::format("--each '{}': LAST {} is below FIRST {}", text,
                                                to_decimal(ends.last), ends.first));
    }
    return ends;
}

/// The report, with the instructions that the sieve used.
Json sieve_report(const JobSetup& setup, const JobReport& report) {
    Json json = report_json(setup.pool, report);
    json["isa"] = kernels::isa_name(kernels::active_isa());
    return json;
}

void sum_range(const PrimeSumOptions& options, const StopSignals& signals) {
    const Range range = parse_range(options.begin, options.end);
    const Method method = parse_method(options.method, range);
    const JobSetup setup =
        set_up_job(options.run, {range, prime_sum_grain(method, range), "prime-sum"}, signals);
    Pool pool(setup.pool);
    const auto result = run_and_verify(
        setup, range,
        [&](const JobSettings& settings) { return sum_primes(pool, range, method, settings); },
        [](const kernels::PrimeSum& value) { return to_decimal(value.sum); });
    warn_of_skipped(result.report);
    Output output;
    print_result(output, setup.format,
                 {command_name,
                  {{"begin", to_decimal(range.begin)},
                   {"end", to_decimal(range.end)},
                   {"method", to_string(method)},
                   {"value", to_decimal(result.value.sum)},
                   {"count", result.value.count}},
                  sieve_report(setup, result.report)});
    output.finish();
}

void sum_each(const PrimeSumOptions& options, const StopSignals& signals) {
    const Ends ends = parse_ends(options.each);
    const Method method = parse_method(options.method, Range{0, ends.last});
    check_memory(fmt::format("a table of {} sums", ends.size()),
                 ends.size() * sizeof(kernels::PrimeSum));
    const Range tasks{0, ends.size()};
    const JobSetup setup = set_up_job(options.run, {tasks, default_grain(tasks), ""}, signals);
    Pool pool(setup.pool);
    const EachResult result = sum_primes_below_each(pool, ends, method, setup.settings);
    warn_of_skipped(result.report);
    // 2^128 is out of reach: it takes some ninety sums over all of the 64-bit integers.
    uint128 total = 0;
    for (const kernels::PrimeSum& row : result.rows) {
        total += row.sum;
    }
    Output output;
    print_table(
        output, setup.format,
        {command_name,
         {{"each", options.each}, {"method", to_string(method)}, {"value", to_decimal(total)}},
         sieve_report(setup, result.report)},
        {{"end", "value", "count"},
         result.rows.size(),
         [&](std::uint64_t row) -> std::vector<Json> {
             const kernels::PrimeSum& sum = result.rows[row];
             return {to_decimal(ends[row]), to_decimal(sum.sum), sum.count};
         }});
    output.finish();
}

void run(const PrimeSumOptions& options, const StopSignals& signals) {
    // Asked for its refusal: PINFOLD_ISA may name a level that this machine has not.
    [[maybe_unused]] const kernels::Isa isa = kernels::active_isa();
    if (options.each.empty()) {
        if (options.end.empty()) {
            throw std::invalid_argument("BEGIN and END are needed, or --each FIRST:LAST:STEP");
        }
        sum_range(options, signals);
        return;
    }
    if (!options.begin.empty()) {
        throw std::invalid_argument(
            fmt::format("--each '{}' excludes BEGIN and END '{}'", options.each, options.begin));
    }
    sum_each(options, signals);
}

}  // namespace

void add_prime_sum_command(CLI::App& app, const StopSignals& signals) {
    const auto options = std::make_shared<PrimeSumOptions>();
    CLI::App* command = app.add_subcommand(command_name, "Sum the primes of a range");
    command->add_option("BEGIN", options->begin, "the first number, up to 2^64 - 1")->type_name("");
    command
        ->add_option("END", options->end,
                     "one past the last number, up to 2^64; also A+B,\nA-B or +LENGTH")
        ->type_name("");
    command
        ->add_option("--each", options->each,
                     "the sum below each of FIRST, FIRST+STEP, ... that is\nitself below LAST")
        ->type_name("FIRST:LAST:STEP");
    command
        ->add_option("--method", options->method,
                     "sieve; hybrid, for a narrow range far up; trial division,\nto compare "
                     "with; or whichever is quickest")
        ->capture_default_str()
        ->type_name("auto|sieve|hybrid|trial");
    add_run_options(*command, options->run);
    command->footer(
        "Examples:\n"
        "  pinfold prime-sum 0 10            17, for 2 + 3 + 5 + 7\n"
        "  pinfold prime-sum 3 7             8, for 3 + 5: END itself is not in the range\n"
        "  pinfold prime-sum 0 1e9 --json\n"
        "  pinfold prime-sum 10^12 +1e6      the million numbers from 10^12 on\n"
        "  pinfold prime-sum 2^63 2^63+1000 --workers 2\n"
        "  pinfold prime-sum --each 100000:5000000:100000 --csv");
    command->callback([options, &signals] { run(*options, signals); });
}

}  // namespace pinfold::apps
