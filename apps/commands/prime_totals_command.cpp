#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <pinfold/engine/chunk_plan.hpp>
#include <pinfold/kernels/isa.hpp>
#include <stdexcept>
#include <string>
#include <string_view>

#include "commands/commands.hpp"
#include "jobs/job_series.hpp"
#include "jobs/machine_memory.hpp"
#include "jobs/primes/method_costs.hpp"
#include "jobs/primes/prime_sums.hpp"
#include "jobs/primes/prime_totals.hpp"
#include "jobs/primes/prime_verification.hpp"
#include "shell/number.hpp"
#include "shell/output.hpp"
#include "shell/result.hpp"
#include "shell/run_options.hpp"

namespace pinfold::apps {

namespace {

/// What the two commands do not share.
struct TotalCommand {
    Quantity quantity;
    const char* name;
    const char* description;
    const char* each;  ///< of the option --each
    const char* footer;
};

constexpr TotalCommand prime_sum{
    Quantity::sum, "prime-sum", "Sum the primes of a range",
    "the sum below each of FIRST, FIRST+STEP, ... that is\nitself below LAST",
    "Examples:\n"
    "  pinfold prime-sum 0 10            17, for 2 + 3 + 5 + 7\n"
    "  pinfold prime-sum 3 7             8, for 3 + 5: END itself is not in the range\n"
    "  pinfold prime-sum 0 1e9 --json\n"
    "  pinfold prime-sum 10^12 +1e6      the million numbers from 10^12 on\n"
    "  pinfold prime-sum 0 1e14          by the combinatorial method\n"
    "  pinfold prime-sum 2^63 2^63+1000 --workers 2\n"
    "  pinfold prime-sum --each 100000:5000000:100000 --csv"};

constexpr TotalCommand prime_count{
    Quantity::count, "prime-count", "Count the primes of a range",
    "the count below each of FIRST, FIRST+STEP, ... that is\nitself below LAST",
    "Examples:\n"
    "  pinfold prime-count 0 10          4, for 2, 3, 5 and 7\n"
    "  pinfold prime-count 3 7           2, for 3 and 5: END itself is not in the range\n"
    "  pinfold prime-count 0 1e14 --json\n"
    "  pinfold prime-count 10^18 +1e6    the million numbers from 10^18 on\n"
    "  pinfold prime-count --each 1e6:1e7:1e6 --csv"};

struct TotalOptions {
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

/// The method of that name; none for "auto".
std::optional<Method> parse_method(std::string_view name) {
    if (name == "auto") {
        return std::nullopt;
    }
    for (const Method method : all_methods) {
        if (name == to_string(method)) {
            return method;
        }
    }
    throw std::invalid_argument(
        fmt::format("--method '{}' is not one of auto, sieve, hybrid, combinatorial, trial", name));
}

/// The report, with the instructions that were used and the reason for the method.
Json::Members method_report(const JobSetup& setup, const JobReport& report, const Choice& choice) {
    const bool has_grain = choice.method != Method::combinatorial;
    Json::Members members = report_members(
        setup.pool, report, has_grain ? std::optional(setup.settings.grain) : std::nullopt);
    members.emplace_back("isa", kernels::isa_name(kernels::active_isa()));
    members.emplace_back("why", choice.why);
    return members;
}

/// The value, and how many primes it is the sum of.
Json::Members range_answer(Quantity quantity, Range range, Method method, const PrimeTotal& total) {
    Json::Members answer{{"begin", to_decimal(range.begin)},
                         {"end", to_decimal(range.end)},
                         {"method", to_string(method)},
                         {"value", to_decimal(total.value)}};
    if (quantity == Quantity::sum && total.count) {
        answer.emplace_back("count", *total.count);
    }
    return answer;
}

/// The option that only a method which works chunk by chunk can give, or none.
std::string_view option_for_chunks(const TotalOptions& options) {
    if (!options.each.empty()) {
        return "--each";
    }
    if (!options.run.grain.empty()) {
        return "--grain";
    }
    if (!options.run.journal.empty()) {
        return "--journal";
    }
    return options.run.on_poison == "skip" ? "--on-poison skip" : "";
}

Choice choose(const TotalCommand& command, const TotalOptions& options, Range range) {
    const std::optional<Method> asked = parse_method(options.method);
    const std::string_view option = option_for_chunks(options);
    if (asked == Method::combinatorial && !option.empty()) {
        throw std::invalid_argument(fmt::format(
            "{} needs chunks of the range, which --method combinatorial does not have", option));
    }
    Choice choice = choose_method(asked, command.quantity, range, !option.empty());
    if (!asked && !option.empty()) {
        choice.why += fmt::format("; {} rules the method combinatorial out", option);
    }
    return choice;
}

void total_range(const TotalCommand& command, const TotalOptions& options,
                 const StopSignals& signals) {
    const Range range = parse_range(options.begin, options.end);
    const Choice choice = choose(command, options, range);
    const Method method = choice.method;
    const JobSetup setup = set_up_job(
        options.run, {range, prime_sum_grain(method, range), std::string(prime_totals_journal)},
        signals);
    Pool pool(setup.pool);
    JobSeries jobs(pool, setup.settings);
    const PrimeTotal total =
        jobs.take(total_primes(pool, command.quantity, range, method, jobs.settings()));
    Json::Members report = method_report(setup, jobs.report(), choice);
    warn_of_losses(jobs.report());
    if (setup.verify) {
        report.emplace_back("verified", verify_total(pool, command.quantity, range, method,
                                                     total.value, jobs.settings()));
    }
    Output output;
    print_result(output, setup.format,
                 {command.name, range_answer(command.quantity, range, method, total), report});
    finish(output, setup);
}

uint128 value_of(Quantity quantity, const kernels::PrimeSum& row) {
    return quantity == Quantity::sum ? row.sum : row.count;
}

void print_each(const TotalCommand& command, const TotalOptions& options, const JobSetup& setup,
                const Choice& choice, Ends ends, const EachResult& result) {
    const bool sums = command.quantity == Quantity::sum;
    // 2^128 is out of reach: it takes some ninety sums over all of the 64-bit integers.
    uint128 total = 0;
    for (const kernels::PrimeSum& row : result.rows) {
        total += value_of(command.quantity, row);
    }
    std::vector<std::string> columns{"end", "value"};
    if (sums) {
        columns.emplace_back("count");
    }
    const auto cells = [&](std::uint64_t index) {
        const kernels::PrimeSum& row = result.rows[index];
        std::vector<Json> texts{to_decimal(ends[index]),
                                to_decimal(value_of(command.quantity, row))};
        if (sums) {
            texts.emplace_back(row.count);
        }
        return texts;
    };
    Output output;
    print_table(output, setup.format,
                {command.name,
                 {{"each", options.each},
                  {"method", to_string(choice.method)},
                  {"value", to_decimal(total)}},
                 method_report(setup, result.report, choice)},
                {columns, result.rows.size(), cells});
    finish(output, setup);
}

void total_each(const TotalCommand& command, const TotalOptions& options,
                const StopSignals& signals) {
    const Ends ends = parse_ends(options.each);
    const Choice choice = choose(command, options, Range{0, ends.last});
    check_memory(fmt::format("a table of {} numbers", ends.size()),
                 ends.size() * sizeof(kernels::PrimeSum));
    const Range tasks{0, ends.size()};
    const JobSetup setup = set_up_job(options.run, {tasks, default_grain(tasks), ""}, signals);
    Pool pool(setup.pool);
    const EachResult result = sum_primes_below_each(pool, ends, choice.method, setup.settings);
    warn_of_losses(result.report);
    print_each(command, options, setup, choice, ends, result);
}

void run(const TotalCommand& command, const TotalOptions& options, const StopSignals& signals) {
    // Asked for its refusal: PINFOLD_ISA may name a level that this machine has not.
    [[maybe_unused]] const kernels::Isa isa = kernels::active_isa();
    if (options.each.empty()) {
        if (options.end.empty()) {
            throw std::invalid_argument("BEGIN and END are needed, or --each FIRST:LAST:STEP");
        }
        total_range(command, options, signals);
        return;
    }
    if (!options.begin.empty()) {
        throw std::invalid_argument(
            fmt::format("--each '{}' excludes BEGIN and END", options.each));
    }
    total_each(command, options, signals);
}

std::vector<Argument> arguments_of(const TotalCommand& about, TotalOptions& options) {
    std::vector<Argument> own{
        {.name = "BEGIN",
         .place = &options.begin,
         .description = "the first number, up to 2^64 - 1"},
        {.name = "END",
         .place = &options.end,
         .description = "one past the last number, up to 2^64; also A+B,\nA-B or +LENGTH"},
        {.name = "--each",
         .place = &options.each,
         .description = about.each,
         .type = "FIRST:LAST:STEP"},
        {.name = "--method",
         .place = &options.method,
         .description = "auto, whichever is quickest; sieve; hybrid, for a narrow\n"
                        "range far up; combinatorial, for a wide one, by way of all\n"
                        "primes up to its ends, but not with --grain, --journal or\n"
                        "--on-poison skip; trial, by division, to compare with",
         .type = "METHOD",
         .shows_default = true}};
    std::vector<Argument> all = with_run_arguments(std::move(own), options.run);
    std::ranges::find(all, "--journal", &Argument::name)->description +=
        ";\nit rules the method combinatorial out, by far the\nquickest for a wide range";
    return all;
}

Subcommand total_command(const TotalCommand& about, const StopSignals& signals) {
    const auto options = std::make_shared<TotalOptions>();
    return {about.name, about.description, arguments_of(about, *options), about.footer,
            [&about, options, &signals] { run(about, *options, signals); }};
}

}  // namespace

Subcommand prime_sum_command(const StopSignals& signals) {
    return total_command(prime_sum, signals);
}

Subcommand prime_count_command(const StopSignals& signals) {
    return total_command(prime_count, signals);
}

}  // namespace pinfold::apps
