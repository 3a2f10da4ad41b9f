#include <fmt/format.h>

#include <memory>
#include <pinfold/engine/chunk_plan.hpp>
#include <pinfold/kernels/exact_fibonacci.hpp>
#include <stdexcept>
#include <string>

#include "commands/commands.hpp"
#include "jobs/fibonacci/exact_fibonacci.hpp"
#include "jobs/fibonacci/exact_table.hpp"
#include "jobs/fibonacci/modular_fibonacci.hpp"
#include "jobs/machine_memory.hpp"
#include "jobs/verification.hpp"
#include "shell/long_value.hpp"
#include "shell/number.hpp"
#include "shell/output.hpp"
#include "shell/result.hpp"
#include "shell/run_options.hpp"
#include "shell/sha256.hpp"

namespace pinfold::apps {

namespace {

constexpr const char* command_name = "fib";

struct FibOptions {
    std::string begin;
    std::string end;
    std::string mod;
    std::string method;
    bool sum = false;
    bool hexadecimal = false;
    bool hash = false;
    RunOptions run;
};

/// What is asked for, once the words are understood.
struct FibRequest {
    Range range;
    std::uint64_t m = 0;  // 0 is exact
    bool table = false;
    bool sum = false;
    SumMethod method = SumMethod::doubling;
    kernels::Base base = kernels::Base::decimal;
    bool hash = false;
};

SumMethod parse_sum_method(std::string_view name) {
    if (name == "doubling") {
        return SumMethod::doubling;
    }
    if (name == "recurrence") {
        return SumMethod::recurrence;
    }
    throw std::invalid_argument(
        fmt::format("--method '{}' is not one of doubling, recurrence", name));
}

/// --hex and --hash are for a single exact number.
void understand_notation(const FibOptions& options, FibRequest& request) {
    const char* const option = options.hexadecimal ? "--hex" : "--hash";
    if ((options.hexadecimal || options.hash) && (request.table || request.m != 0)) {
        throw std::invalid_argument(fmt::format(
            "{} is for one exact number: without --mod, and with END only for --sum", option));
    }
    request.base = options.hexadecimal ? kernels::Base::hexadecimal : kernels::Base::decimal;
    request.hash = options.hash;
}

FibRequest understand(const FibOptions& options) {
    FibRequest request;
    request.sum = options.sum;
    if (options.end.empty()) {
        const std::uint64_t n = parse_uint64("N", options.begin);
        request.range = {n, uint128{n} + 1};
        if (options.sum) {
            throw std::invalid_argument("--sum needs END: the sum is over [N, END)");
        }
    } else {
        request.range = parse_range(options.begin, options.end);
        request.table = !options.sum;
    }
    if (!options.mod.empty()) {
        request.m = parse_uint64("--mod", options.mod, {1, two_to_64 - 1});
    }
    if (!options.method.empty()) {
        request.method = parse_sum_method(options.method);
        if (!request.sum || request.m == 0) {
            throw std::invalid_argument(
                fmt::format("--method '{}' needs --sum and --mod", options.method));
        }
    }
    understand_notation(options, request);
    return request;
}

/// The members of the answer before its value.
Json::Members question_of(const FibRequest& request) {
    Json::Members question;
    if (request.table || request.sum) {
        question.emplace_back("begin", to_decimal(request.range.begin));
        question.emplace_back("end", to_decimal(request.range.end));
    } else {
        question.emplace_back("n", to_decimal(request.range.begin));
    }
    if (request.m != 0) {
        question.emplace_back("mod", to_decimal(request.m));
    }
    return question;
}

/// Writes a number, or a table if `term` is there: the text of term number i.
void print_numbers(const FibRequest& request, const JobSetup& setup, const JobReport& report,
                   std::string value, const std::function<std::string(std::uint64_t)>& term) {
    warn_of_losses(report);
    Json::Members answer = question_of(request);
    answer.emplace_back("value", std::move(value));
    const Result result{command_name, std::move(answer),
                        report_members(setup.pool, report, setup.settings.grain)};
    Output output;
    if (request.table) {
        print_table(output, setup.format, result,
                    {{"n", "value"},
                     static_cast<std::uint64_t>(request.range.size()),
                     [&](std::uint64_t row) -> std::vector<Json> {
                         return {to_decimal(request.range.begin + uint128{row}), term(row)};
                     }});
    } else {
        print_result(output, setup.format, result);
    }
    finish(output, setup);
}

std::string sha256_of(const ExactFibonacci& number) {
    Sha256 sha256;
    number.for_each_piece([&](std::string_view piece) { sha256.update(piece); });
    return "sha256:" + sha256.finish();
}

void print_exact(const FibRequest& request, const JobSetup& setup, const JobReport& report,
                 const ExactFibonacci& number) {
    warn_of_losses(report);
    Json::Members answer = question_of(request);
    if (request.base == kernels::Base::hexadecimal) {
        answer.emplace_back("base", static_cast<int>(request.base));
    }
    Output output;
    Result result{command_name, std::move(answer), report_members(setup.pool, report)};
    if (request.hash) {
        result.answer.emplace_back("value", sha256_of(number));
        print_result(output, setup.format, result);
    } else {
        print_long_result(output, setup.format, result,
                          [&](const auto& use) { number.for_each_piece(use); });
    }
    finish(output, setup);
}

void run_exact(const FibRequest& request, const FibOptions& options, const StopSignals& signals) {
    if (!options.run.grain.empty()) {
        throw std::invalid_argument(fmt::format(
            "--grain '{}' needs END or --mod: the workers find one exact number, or an exact sum, "
            "together",
            options.run.grain));
    }
    const ExactQuestion question{request.range, request.sum, request.base};
    JobSetup setup = set_up_job(options.run, {Range{0, 1}, 1, ""}, signals);
    setup.pool.arena_bytes = ExactFibonacci::check(question, setup.pool);
    Pool pool(setup.pool);
    ExactFibonacci number(pool, question);
    const JobReport report = number.find(pool, setup.settings);
    print_exact(request, setup, report, number);
}

void run_exact_table(const FibRequest& request, const FibOptions& options,
                     const StopSignals& signals) {
    const JobSetup setup =
        set_up_job(options.run, {request.range, default_grain(request.range), ""}, signals);
    ExactTable::check(request.range, setup.pool.workers);
    Pool pool(setup.pool);
    ExactTable table(pool, request.range);
    const JobReport report = table.find(pool, setup.settings);
    const auto end = static_cast<std::uint64_t>(request.range.end);
    print_numbers(request, setup, report, kernels::fibonacci_sum(request.range.begin, end),
                  [&](std::uint64_t row) { return std::string(table[row]); });
}

void run_modular(const FibRequest& request, const FibOptions& options, const StopSignals& signals) {
    const std::string sum_name =
        request.table ? std::string() : fmt::format("fib-sum mod {}", request.m);
    const JobSetup setup =
        set_up_job(options.run, {request.range, default_grain(request.range), sum_name}, signals);
    if (request.table) {
        check_memory(fmt::format("a table of {} numbers", request.range.size()),
                     request.range.size() * sizeof(std::uint64_t));
    }
    Pool pool(setup.pool);
    if (!request.table) {
        const auto sum = run_and_verify(
            setup.settings, setup.verify, request.range,
            [&](const JobSettings& settings) {
                return sum_fibonacci_mod(pool, request.range, request.m, request.method, settings);
            },
            [](std::uint64_t value) { return to_decimal(value); });
        print_numbers(request, setup, sum.report, to_decimal(sum.value), {});
        return;
    }
    const FibonacciTable table =
        fibonacci_table_mod(pool, request.range, request.m, setup.settings);
    print_numbers(request, setup, table.sum.report, to_decimal(table.sum.value),
                  [&](std::uint64_t row) { return to_decimal(table.terms[row]); });
}

void run(const FibOptions& options, const StopSignals& signals) {
    const FibRequest request = understand(options);
    if (request.m != 0) {
        run_modular(request, options, signals);
    } else if (request.table) {
        run_exact_table(request, options, signals);
    } else {
        run_exact(request, options, signals);
    }
}

}  // namespace

Subcommand fib_command(const StopSignals& signals) {
    const auto options = std::make_shared<FibOptions>();
    std::vector<Argument> own{
        {.name = "N",
         .place = &options->begin,
         .description = "the index, up to 2^64 - 1",
         .required = true},
        {.name = "END",
         .place = &options->end,
         .description =
             "with END, F(N), F(N+1), ... F(END-1), one a line;\nalso A+B, A-B or +LENGTH"},
        {.name = "--mod",
         .place = &options->mod,
         .description = "modulo M, 1 to 2^64 - 1 [exact]",
         .type = "M"},
        {.name = "--sum",
         .place = &options->sum,
         .description = "the sum of F(N) to F(END-1) instead of the table"},
        {.name = "--method",
         .place = &options->method,
         .description =
             "for --sum --mod: doubling, or the slow recurrence\nto compare with [doubling]",
         .type = "WAY"},
        {.name = "--hex",
         .place = &options->hexadecimal,
         .description = "one exact number in hexadecimal digits"},
        {.name = "--hash",
         .place = &options->hash,
         .description = "the SHA-256 of one exact number's digits instead of them"},
    };
    return {command_name, "Fibonacci numbers, F(0) = 0 and F(1) = 1",
            with_run_arguments(std::move(own), options->run),
            "Examples:\n"
            "  pinfold fib 100                   354224848179261915075\n"
            "  pinfold fib 10^18 --mod 1000000007\n"
            "  pinfold fib 1e8 --hash\n"
            "  pinfold fib 10 13                 three lines: 10, 11 and 12, without END\n"
            "  pinfold fib 0 1e6 --mod 10^9 --csv\n"
            "  pinfold fib 0 2^64 --mod 97 --sum",
            [options, &signals] { run(*options, signals); }};
}

}  // namespace pinfold::apps
