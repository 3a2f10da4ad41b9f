#include <memory>
#include <pinfold/kernels/isa.hpp>
#include <string>

#include "commands/commands.hpp"
#include "jobs/primes/near_prime.hpp"
#include "shell/number.hpp"
#include "shell/output.hpp"
#include "shell/result.hpp"

namespace pinfold::apps {

namespace {

constexpr const char* next_name = "next-prime";
constexpr const char* previous_name = "prev-prime";

struct NearPrimeOptions {
    std::string n;
    bool json = false;
    bool csv = false;
};

Format chosen_format(const NearPrimeOptions& options) {
    if (options.json) {
        return Format::json;
    }
    return options.csv ? Format::csv : Format::text;
}

void print_prime(const char* command, const NearPrimeOptions& options, uint128 n,
                 std::uint64_t prime) {
    Output output;
    print_result(output, chosen_format(options),
                 {command,
                  {{"n", to_decimal(n)}, {"value", to_decimal(prime)}},
                  {{"isa", kernels::isa_name(kernels::active_isa())}}});
    output.finish();
}

void run_next(const NearPrimeOptions& options) {
    const std::uint64_t n = parse_uint64("N", options.n, {0, largest_prime - 1});
    print_prime(next_name, options, n, prime_above(n).value());
}

void run_previous(const NearPrimeOptions& options) {
    const uint128 n = parse_number("N", options.n, {3, two_to_64});
    print_prime(previous_name, options, n, prime_below(n).value());
}

Subcommand near_prime_command(const char* name, const char* description, const char* n,
                              void (*run)(const NearPrimeOptions&), const char* footer) {
    const auto options = std::make_shared<NearPrimeOptions>();
    return {name,
            description,
            {{.name = "N", .place = &options->n, .description = n, .required = true},
             {.name = "--json", .place = &options->json, .description = "one object"},
             {.name = "--csv",
              .place = &options->csv,
              .description = "comma-separated values under a header line",
              .excludes = {"--json"}}},
            footer,
            [options, run] { run(*options); }};
}

}  // namespace

Subcommand next_prime_command() {
    return near_prime_command(next_name, "Find the smallest prime above a number",
                              "a number up to 2^64 - 60: the largest prime is 2^64 - 59", run_next,
                              "Examples:\n"
                              "  pinfold next-prime 10             11\n"
                              "  pinfold next-prime 11             13: N itself does not count\n"
                              "  pinfold next-prime 10^18          1000000000000000003");
}

Subcommand previous_prime_command() {
    return near_prime_command(previous_name, "Find the largest prime below a number",
                              "a number from 3 to 2^64", run_previous,
                              "Examples:\n"
                              "  pinfold prev-prime 10             7\n"
                              "  pinfold prev-prime 7              5: N itself does not count\n"
                              "  pinfold prev-prime 2^64           18446744073709551557");
}

}  // namespace pinfold::apps
