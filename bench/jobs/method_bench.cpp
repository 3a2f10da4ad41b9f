// What each way to total the primes of a range takes on one worker, beside what the command's model
// of costs predicts; and at the end the constants of that model which fit these runs best.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "harness/median.hpp"
#include "harness/rounds.hpp"
#include "jobs/primes/method_costs.hpp"
#include "jobs/primes/prime_sums.hpp"
#include "jobs/primes/prime_totals.hpp"

namespace {

using namespace pinfold;
using namespace pinfold::apps;

/// The median time of one method over one range.
struct Sample {
    Method method;
    Quantity quantity;
    Range range;
    double seconds;
};

std::vector<Sample>& samples() {
    static std::vector<Sample> all;
    return all;
}

/// A serial pool: the same loop as a worker's, and no neighbour that starts.
Pool& pool() {
    static Pool one({.crew = Crew::serial});
    return one;
}

double timed_run(Method method, Quantity quantity, Range range) {
    JobSettings settings;
    settings.grain = prime_sum_grain(method, range);
    const auto start = std::chrono::steady_clock::now();
    benchmark::DoNotOptimize(total_primes(pool(), quantity, range, method, settings));
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void measure(benchmark::State& state, Method method, Quantity quantity, Range range) {
    std::vector<double> seconds;
    for ([[maybe_unused]] auto once : state) {
        seconds.push_back(timed_run(method, quantity, range));
        state.SetIterationTime(seconds.back());
    }
    bench::keep_rounds(seconds);
    const double median = bench::median(std::move(seconds));
    samples().push_back({method, quantity, range, median});
    state.counters["median_ms"] = median * 1e3;
    state.counters["vs_predicted"] = median / predicted_seconds(method, quantity, range);
}

void enter(Method method, Quantity quantity, double begin, double numbers) {
    const auto first = static_cast<std::uint64_t>(begin);
    const Range range{first, first + static_cast<uint128>(numbers)};
    const std::string name =
        std::string(to_string(method)) + (quantity == Quantity::sum ? "_sum_" : "_count_") +
        std::to_string(first) + "_+" + std::to_string(static_cast<std::uint64_t>(numbers));
    benchmark::RegisterBenchmark(name.c_str(), measure, method, quantity, range)
        ->Iterations(3)
        ->UseManualTime()
        ->Unit(benchmark::kMillisecond);
}

void enter_all() {
    for (const double numbers : {1e3, 1e6, 1e8, 1e9, 1e10}) {
        enter(Method::sieve, Quantity::sum, 0, numbers);
    }
    for (const double begin : {1e9, 1e12, 1e15, 1e18, 1.8e19}) {
        for (const double numbers : {1e4, 1e6, 1e8, 2e9}) {
            enter(Method::sieve, Quantity::sum, begin, numbers);
        }
    }
    for (const double begin : {1e12, 1e15, 1e18, 1.8e19}) {
        for (const double numbers : {1e3, 1e5, 1e7}) {
            enter(Method::hybrid, Quantity::sum, begin, numbers);
        }
    }
    for (const double numbers : {1e6, 1e8, 1e10, 1e12, 1e14, 1e15}) {
        enter(Method::combinatorial, Quantity::sum, 0, numbers);
        enter(Method::combinatorial, Quantity::count, 0, numbers);
    }
    for (const double begin : {1e10, 1e12, 1e14}) {
        enter(Method::trial, Quantity::sum, begin, 1000);
    }
}

/// The constants of the model, in the order of their declaration.
struct Constant {
    const char* name;
    double MethodCosts::*member;
    Method method;
};

constexpr std::array constants{
    Constant{"sieve_start", &MethodCosts::sieve_start, Method::sieve},
    Constant{"sieve_set_up", &MethodCosts::sieve_set_up, Method::sieve},
    Constant{"sieve_set_up_power", &MethodCosts::sieve_set_up_power, Method::sieve},
    Constant{"sieve_number", &MethodCosts::sieve_number, Method::sieve},
    Constant{"sieve_number_power", &MethodCosts::sieve_number_power, Method::sieve},
    Constant{"hybrid_start", &MethodCosts::hybrid_start, Method::hybrid},
    Constant{"hybrid_number", &MethodCosts::hybrid_number, Method::hybrid},
    Constant{"combinatorial_start", &MethodCosts::combinatorial_start, Method::combinatorial},
    Constant{"combinatorial_sum", &MethodCosts::combinatorial_sum, Method::combinatorial},
    Constant{"combinatorial_count", &MethodCosts::combinatorial_count, Method::combinatorial},
    Constant{"combinatorial_power", &MethodCosts::combinatorial_power, Method::combinatorial},
    Constant{"trial_root", &MethodCosts::trial_root, Method::trial},
};

/// The sum of the squares of ln(measured / predicted): being off by a factor counts the same for
/// short runs and for long ones.
double error_of(const MethodCosts& costs) {
    double sum = 0;
    for (const Sample& sample : samples()) {
        const double predicted =
            predicted_seconds(sample.method, sample.quantity, sample.range, costs);
        const double off = std::log(sample.seconds / predicted);
        sum += off * off;
    }
    return sum;
}

/// The constants of the least error, by small steps of one constant at a time.
MethodCosts fitted() {
    MethodCosts best;
    double least = error_of(best);
    for (double step = 0.5; step > 1e-5;) {
        bool better = false;
        for (const Constant& constant : constants) {
            for (const double factor : {1 + step, 1 / (1 + step)}) {
                MethodCosts trial = best;
                trial.*constant.member *= factor;
                if (const double error = error_of(trial); error < least) {
                    best = trial;
                    least = error;
                    better = true;
                }
            }
        }
        if (!better) {
            step /= 2;
        }
    }
    return best;
}

bool was_run(Method method) {
    return std::ranges::any_of(samples(),
                               [&](const Sample& sample) { return sample.method == method; });
}

void print_constants() {
    const MethodCosts fit = fitted();
    std::printf("\nthe constants that fit best, and the model's own:\n");
    for (const Constant& constant : constants) {
        if (was_run(constant.method)) {
            std::printf("%-20s %10.3g %10.3g\n", constant.name, fit.*constant.member,
                        MethodCosts{}.*constant.member);
        }
    }
    const auto runs = static_cast<double>(std::max<std::size_t>(1, samples().size()));
    std::printf("typical factor between run and prediction: %.2f with these, %.2f with its own\n",
                std::exp(std::sqrt(error_of(fit) / runs)),
                std::exp(std::sqrt(error_of({}) / runs)));
}

}  // namespace

int main(int argc, char** argv) {
    const int status = bench::run_benches(argc, argv, enter_all);
    if (status == 0) {
        print_constants();
    }
    return status;
}
