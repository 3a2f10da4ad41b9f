#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <pinfold/engine/chunk_plan.hpp>
#include <pinfold/kernels/isa.hpp>
#include <stdexcept>
#include <string>

#include "commands/commands.hpp"
#include "jobs/primes/nth_prime.hpp"
#include "jobs/primes/prime_estimate.hpp"
#include "shell/number.hpp"
#include "shell/output.hpp"
#include "shell/result.hpp"
#include "shell/run_options.hpp"

namespace pinfold::apps {

namespace {

constexpr const char* command_name = "nth-prime";

struct NthPrimeOptions {
    std::string n;
    RunOptions run;
};

void refuse_what_needs_one_range(const RunOptions& run) {
    if (!run.grain.empty()) {
        throw std::invalid_argument(fmt::format(
            "--grain '{}': nth-prime counts over several ranges and cuts each by itself",
            run.grain));
    }
    if (run.on_poison == "skip") {
        throw std::invalid_argument(
            "--on-poison skip: a count without some chunks leads to another prime");
    }
}

Json count_json(const CountedRange& counted) {
    Json::Members members{{"begin", to_decimal(counted.range.begin)},
                          {"end", to_decimal(counted.range.end)},
                          {"count", counted.count},
                          {"method", to_string(counted.choice.method)},
                          {"why", counted.choice.why}};
    if (!counted.verified.empty()) {
        members.emplace_back("verified", counted.verified);
    }
    return Json::object(members);
}

void run(const NthPrimeOptions& options, const StopSignals& signals) {
    // Asked for its refusal: PINFOLD_ISA may name a level that this machine has not.
    const kernels::Isa isa = kernels::active_isa();
    const std::uint64_t n = parse_uint64("N", options.n, {1, primes_below_two_to_64});
    refuse_what_needs_one_range(options.run);
    // For the progress alone.
    const Range numbers{0, std::min(static_cast<uint128>(estimated_nth_prime(n)) + 1, two_to_64)};
    const JobSetup setup = set_up_job(
        options.run,
        {.range = numbers, .default_grain = default_grain(numbers), .can_verify = true}, signals);
    Pool pool(setup.pool);
    JobSeries jobs(pool, setup.settings);
    const NthPrime found = nth_prime(jobs, n, setup.verify);
    Json::Members report = report_members(setup.pool, jobs.report());
    report.emplace_back("isa", kernels::isa_name(isa));
    report.emplace_back("counts", Json::array(found.counts, count_json));
    Output output;
    print_result(
        output, setup.format,
        {command_name, {{"n", to_decimal(n)}, {"value", to_decimal(found.prime)}}, report});
    finish(output, setup);
}

}  // namespace

Subcommand nth_prime_command(const StopSignals& signals) {
    const auto options = std::make_shared<NthPrimeOptions>();
    std::vector<Argument> own{
        {.name = "N",
         .place = &options->n,
         .description = "a number from 1 to 425656284035217743, the primes below 2^64",
         .required = true}};
    return {command_name, "Find the N-th prime", with_run_arguments(std::move(own), options->run),
            "Examples:\n"
            "  pinfold nth-prime 1               2, the first prime\n"
            "  pinfold nth-prime 1e6             15485863\n"
            "  pinfold nth-prime 1e9 --json      with the ranges that were counted",
            [options, &signals] { run(*options, signals); }};
}

}  // namespace pinfold::apps
