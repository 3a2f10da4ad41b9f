// Primality of 64-bit numbers, beside FLINT's n_is_prime: any numbers, then primes alone, which are
// the dearest.

#include <benchmark/benchmark.h>
#include <flint/ulong_extras.h>

#include <numeric>
#include <pinfold/kernels/is_prime.hpp>
#include <random>

#include "harness/kernel_contest.hpp"
#include "harness/rounds.hpp"

namespace {

using namespace bench;

using Numbers = std::vector<std::uint64_t>;

Numbers uniform_numbers(std::size_t size) {
    std::mt19937_64 random(1);
    Numbers numbers(size);
    for (std::uint64_t& n : numbers) {
        n = random();
    }
    return numbers;
}

Numbers uniform_primes(std::size_t size) {
    std::mt19937_64 random(2);
    Numbers numbers(size);
    for (std::uint64_t& n : numbers) {
        n = n_nextprime(random() >> 1, 1);
    }
    return numbers;
}

template <typename IsPrime>
std::string count(const Numbers& numbers, IsPrime is_prime) {
    std::uint64_t primes = 0;
    for (const std::uint64_t n : numbers) {
        primes += is_prime(n) ? 1U : 0U;
    }
    return std::to_string(primes);
}

std::string count_batch(const Numbers& numbers) {
    static std::vector<std::uint8_t> answers;  // kept: only the first round takes its pages
    answers.resize(numbers.size());
    pinfold::kernels::are_prime(numbers, answers);
    return std::to_string(std::accumulate(answers.begin(), answers.end(), std::uint64_t{0}));
}

void enter_primality(const std::string& name, const Numbers& numbers) {
    enter({name,
           7,
           {{"flint",
             [numbers] {
                 return count(numbers, [](std::uint64_t n) { return n_is_prime(n) != 0; });
             }},
            {"is_prime", [numbers] { return count(numbers, pinfold::kernels::is_prime); }},
            {"are_prime", [numbers] { return count_batch(numbers); }}}});
}

}  // namespace

int main(int argc, char** argv) {
    return run_benches(argc, argv, [] {
        add_kernel_context();
        enter_primality("uniform", uniform_numbers(500'000));
        enter_primality("primes", uniform_primes(100'000));
    });
}
