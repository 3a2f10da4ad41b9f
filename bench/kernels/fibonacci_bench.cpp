// Fibonacci numbers modulo m, beside the plain ways to get them.

#include <benchmark/benchmark.h>

#include <cstring>
#include <numeric>
#include <pinfold/kernels/fibonacci.hpp>
#include <random>

#include "harness/kernel_contest.hpp"
#include "harness/rounds.hpp"

namespace {

using namespace bench;
using namespace pinfold::kernels;

constexpr std::uint64_t modulus = 9'223'372'036'854'775'783;  // the largest prime below 2^63

/// F(n) and F(n + 1) mod m by fast doubling with the compiler's 128-bit remainder.
std::pair<std::uint64_t, std::uint64_t> doubling_by_remainder(std::uint64_t n, std::uint64_t m) {
    uint128 a = 0;
    uint128 b = 1;
    for (int bit = 63; bit >= 0; --bit) {
        const uint128 even = a * ((2 * b + m - a) % m) % m;
        const uint128 odd = (a * a % m + b * b % m) % m;
        const bool step = ((n >> bit) & 1) != 0;
        a = step ? odd : even;
        b = step ? (even + odd) % m : odd;
    }
    return {static_cast<std::uint64_t>(a), static_cast<std::uint64_t>(b)};
}

std::vector<std::uint64_t> scattered_indexes() {
    std::mt19937_64 random(3);
    std::vector<std::uint64_t> indexes(20'000);
    for (std::uint64_t& n : indexes) {
        n = random();
    }
    return indexes;
}

template <typename Term>
std::string sum_of_scattered(Term term) {
    std::uint64_t sum = 0;
    for (const std::uint64_t n : scattered_indexes()) {
        sum += term(n);
    }
    return std::to_string(sum);
}

void enter_scattered() {
    enter({"scattered_odd_m",
           7,
           {{"remainder",
             [] {
                 return sum_of_scattered(
                     [](auto n) { return doubling_by_remainder(n, modulus).first; });
             }},
            {"pinfold",
             [] { return sum_of_scattered([](auto n) { return fibonacci_mod(n, modulus); }); }},
            {"pinfold_batch", [] {
                 const std::vector<std::uint64_t> indexes = scattered_indexes();
                 std::vector<std::uint64_t> values(indexes.size());
                 fibonacci_mod(indexes, values, modulus);
                 return std::to_string(
                     std::accumulate(values.begin(), values.end(), std::uint64_t{0}));
             }}}});
}

/// The sum of the first terms by one addition and one conditional subtraction each.
std::string sum_by_plain_recurrence(std::uint64_t terms) {
    const auto add = [](std::uint64_t x, std::uint64_t y) {
        const std::uint64_t sum = x + y;
        return sum >= modulus ? sum - modulus : sum;
    };
    std::uint64_t a = 0;
    std::uint64_t b = 1;
    std::uint64_t sum = 0;
    for (std::uint64_t i = 0; i < terms; ++i) {
        sum = add(sum, a);
        const std::uint64_t next = add(a, b);
        a = b;
        b = next;
    }
    return std::to_string(sum);
}

void enter_recurrence() {
    constexpr std::uint64_t terms = 20'000'000;
    enter({"recurrence",
           7,
           {{"plain", [] { return sum_by_plain_recurrence(terms); }},
            {"pinfold",
             [] { return std::to_string(fibonacci_sum_mod_by_recurrence(0, terms, modulus)); }}}});
}

void enter_table() {
    constexpr std::size_t terms = 10'000'000;
    static std::vector<std::uint64_t> table(terms);
    enter({"table_to_memory",
           7,
           {{"memset",
             [] {
                 std::memset(table.data(), 0x5A, terms * sizeof table[0]);
                 benchmark::DoNotOptimize(table.data());
                 return std::to_string(doubling_by_remainder(terms - 1, modulus).first);
             }},
            {"pinfold", [] {
                 fibonacci_table(0, table, modulus);
                 return std::to_string(table.back());
             }}}});
}

}  // namespace

int main(int argc, char** argv) {
    return run_benches(argc, argv, [] {
        add_kernel_context();
        enter_scattered();
        enter_recurrence();
        enter_table();
    });
}
