// Exact Fibonacci numbers and their decimal digits on pools of one and two workers, beside GMP on
// one thread. The pools are warm; all other memory is taken and given back in each run.

#include <benchmark/benchmark.h>
#include <gmp.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <memory>
#include <pinfold/engine/map_reduce.hpp>
#include <pinfold/kernels/decimal_digits.hpp>
#include <span>
#include <string>
#include <string_view>

#include "harness/kernel_contest.hpp"
#include "harness/rounds.hpp"
#include "jobs/fibonacci/exact_fibonacci.hpp"

namespace {

using namespace bench;
using namespace pinfold;
using kernels::DecimalDigits;
using kernels::Limb;

/// Pools of one worker and of two, made before anything else so that their forks are small.
struct Pools {
    Pool one{{.workers = 1}};
    Pool two{{.workers = 2}};
};

/// F(n) by GMP.
class Number {
  public:
    explicit Number(std::uint64_t n) {
        mpz_init(value_);
        mpz_fib_ui(value_, n);
    }
    ~Number() { mpz_clear(value_); }
    Number(const Number&) = delete;
    Number& operator=(const Number&) = delete;

    [[nodiscard]] std::span<const Limb> limbs() const {
        return {mpz_limbs_read(value_), mpz_size(value_)};
    }
    [[nodiscard]] std::uint64_t bits() const { return mpz_sizeinbase(value_, 2); }
    [[nodiscard]] std::string digits() const {
        std::string text(mpz_sizeinbase(value_, 10) + 2, '\0');
        mpz_get_str(text.data(), 10, value_);
        text.resize(std::strlen(text.c_str()));
        return text;
    }

  private:
    mpz_t value_;
};

std::string hashed(std::string_view bytes) {
    return std::to_string(std::hash<std::string_view>{}(bytes));
}

std::string hashed(std::span<const Limb> limbs) {
    return hashed({reinterpret_cast<const char*>(limbs.data()), limbs.size_bytes()});
}

std::string value_by_pool(Pool& pool, std::uint64_t n) {
    apps::ExactFibonacci number(pool, {{n, uint128{n} + 1}, false, kernels::Base::hexadecimal});
    benchmark::DoNotOptimize(number.find(pool, {}));
    return hashed(number.value());
}

std::string value_and_digits_by_pool(Pool& pool, std::uint64_t n) {
    apps::ExactFibonacci number(pool, {{n, uint128{n} + 1}, false, kernels::Base::decimal});
    benchmark::DoNotOptimize(number.find(pool, {}));
    std::string text;
    number.for_each_piece([&](std::string_view piece) { text += piece; });
    return hashed(text);
}

/// The digits alone of a number that the workers have, as the command's job has them.
std::string digits_by_pool(Pool& pool, const shm::Array<Limb>& number, std::uint64_t bits) {
    struct DigitsJob {
        DecimalDigits digits;
        std::span<const Limb> number;
        std::span<char> text;
        std::span<Limb> work;
    };
    const DecimalDigits digits(bits, pool.workers());
    const auto text = pool.array<char>(digits.digits());
    const auto work = pool.array<Limb>(digits.work_limbs());
    Phases<DigitsJob> phases;
    for (std::size_t step = 0; step < digits.steps(); ++step) {
        phases.add({.range = {0, digits.tasks(step)}, .grain = 1},
                   [](const DigitsJob& job, const Chunk& chunk, const PhaseMemory& memory) {
                       job.digits.run(memory.running(), chunk.begin, job.number, job.text,
                                      job.work);
                   });
    }
    for_each_chunk(pool, Range{0, 1}, DigitsJob{digits, number.span(), text.span(), work.span()},
                   phases, [](const DigitsJob&, const Chunk&, const PhaseMemory&) {});
    return hashed(digits.finish(text.span(), work.span()));
}

void enter_value(Pools& pools, const std::string& size, std::uint64_t n, int repeats) {
    enter({"exact_" + size,
           repeats,
           {{"mpz_fib_ui", [n] { return hashed(Number(n).limbs()); }},
            {"pinfold_1", [&pools, n] { return value_by_pool(pools.one, n); }},
            {"pinfold_2", [&pools, n] { return value_by_pool(pools.two, n); }}}});
}

void enter_value_and_digits(Pools& pools, const std::string& size, std::uint64_t n, int repeats) {
    enter({"exact_" + size + "_in_decimal",
           repeats,
           {{"gmp", [n] { return hashed(Number(n).digits()); }},
            {"pinfold_1", [&pools, n] { return value_and_digits_by_pool(pools.one, n); }},
            {"pinfold_2", [&pools, n] { return value_and_digits_by_pool(pools.two, n); }}}});
}

void enter_digits(Pools& pools, const std::string& size, const Number& number, int repeats) {
    const auto by = [&number](Pool& pool) {
        const auto shared =
            std::make_shared<shm::Array<Limb>>(pool.array<Limb>(number.limbs().size()));
        std::ranges::copy(number.limbs(), shared->begin());
        return [&pool, &number, shared] { return digits_by_pool(pool, *shared, number.bits()); };
    };
    enter({"digits_" + size,
           repeats,
           {{"mpz_get_str", [&number] { return hashed(number.digits()); }},
            {"pinfold_1", by(pools.one)},
            {"pinfold_2", by(pools.two)}}});
}

}  // namespace

int main(int argc, char** argv) {
    Pools pools;
    const Number small(10'000'000);
    const Number large(100'000'000);
    return run_benches(argc, argv, [&] {
        add_kernel_context();
        enter_value(pools, "1e7", 10'000'000, 9);
        enter_value(pools, "1e8", 100'000'000, 5);
        enter_digits(pools, "1e7", small, 7);
        enter_digits(pools, "1e8", large, 3);
        enter_value_and_digits(pools, "1e8", 100'000'000, 3);
    });
}
