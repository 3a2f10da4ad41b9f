// Exact Fibonacci numbers on every crew, and without memory.

#include "jobs/fibonacci/exact_fibonacci.hpp"

#include <gmp.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <pinfold/engine/errors.hpp>
#include <random>
#include <stdexcept>
#include <string>

#include "address_space.hpp"

namespace pinfold::apps {
namespace {

constexpr kernels::Base decimal = kernels::Base::decimal;
constexpr kernels::Base hexadecimal = kernels::Base::hexadecimal;

std::vector<PoolOptions> pools() {
    std::vector<PoolOptions> pools{{.crew = Crew::serial}};
    for (const Crew crew : {Crew::threads, Crew::processes}) {
        for (const int workers : {1, 2, 3}) {
            pools.push_back({.crew = crew, .workers = workers, .pin = "none"});
        }
    }
    return pools;
}

std::string name_of(const PoolOptions& options) {
    return std::string(to_string(options.crew)) + ", workers " + std::to_string(options.workers);
}

std::string found(Pool& pool, const ExactQuestion& question) {
    ExactFibonacci number(pool, question);
    static_cast<void>(number.find(pool, {}));
    std::string text;
    number.for_each_piece([&](std::string_view piece) { text += piece; });
    return text;
}

std::string by_gmp(std::uint64_t n, int base) {
    mpz_t f;
    mpz_init(f);
    mpz_fib_ui(f, n);
    std::string text(mpz_sizeinbase(f, base) + 2, '\0');
    mpz_get_str(text.data(), base, f);
    mpz_clear(f);
    return text.c_str();
}

Range only(std::uint64_t n) {
    return {n, uint128{n} + 1};
}

/// The address space cannot grow by more than a few MiB while it lives.
class TightAddressSpace {
  public:
    TightAddressSpace() {
        getrlimit(RLIMIT_AS, &before_);
        std::size_t pages = 0;
        std::ifstream("/proc/self/statm") >> pages;
        constexpr std::size_t spared = std::size_t{24} << 20;
        rlimit tight = before_;
        tight.rlim_cur = pages * static_cast<std::size_t>(sysconf(_SC_PAGESIZE)) + spared;
        setrlimit(RLIMIT_AS, &tight);
    }
    ~TightAddressSpace() { setrlimit(RLIMIT_AS, &before_); }
    TightAddressSpace(const TightAddressSpace&) = delete;
    TightAddressSpace& operator=(const TightAddressSpace&) = delete;

  private:
    rlimit before_{};
};

TEST(ExactFibonacci, IsTheSameOnEveryCrewAndNumberOfWorkers) {
    struct Known {
        std::uint64_t n;
        std::string decimal;
        std::string hexadecimal;
    };
    std::mt19937_64 random(1);
    std::vector<Known> known;
    // The last one is long enough for one worker to leave GMP's own conversion, too.
    for (const std::uint64_t n :
         {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{93}, std::uint64_t{65'535},
          std::uint64_t{65'536}, random() % 1'000'000, std::uint64_t{3'700'000}}) {
        known.push_back({n, by_gmp(n, 10), by_gmp(n, 16)});
    }
    for (const PoolOptions& options : pools()) {
        SCOPED_TRACE(name_of(options));
        Pool pool(options);
        for (const Known& f : known) {
            ASSERT_EQ(found(pool, {only(f.n), false, decimal}), f.decimal) << f.n;
            ASSERT_EQ(found(pool, {only(f.n), false, hexadecimal}), f.hexadecimal) << f.n;
        }
    }
}

TEST(ExactFibonacci, IsSummedOnEveryCrewAndNumberOfWorkers) {
    for (const PoolOptions& options : pools()) {
        SCOPED_TRACE(name_of(options));
        Pool pool(options);
        EXPECT_EQ(found(pool, {{0, 0}, true, decimal}), "0");
        EXPECT_EQ(found(pool, {{0, 11}, true, hexadecimal}), "8f");
        EXPECT_EQ(found(pool, {{90'000, 200'000}, true, decimal}),
                  kernels::fibonacci_sum(90'000, 200'000));
    }
}

TEST(ExactFibonacci, GoesOnWhenItsWorkersAreReplaced) {
    Pool pool({.crew = Crew::processes, .workers = 2, .pin = "none", .max_chunks_per_worker = 1});
    EXPECT_EQ(found(pool, {only(1'000'000), false, decimal}), by_gmp(1'000'000, 10));
}

TEST(ExactFibonacci, WithoutMemoryInAWorkerIsAFailedJob) {
    if (!can_limit_address_space) {
        GTEST_SKIP() << "a sanitizer needs more address space than a limit leaves";
    }
    for (const Crew crew : {Crew::serial, Crew::threads, Crew::processes}) {
        SCOPED_TRACE(to_string(crew));
        PoolOptions options{.crew = crew, .workers = crew == Crew::serial ? 0 : 2, .pin = "none"};
        if (crew == Crew::processes) {
            options.worker_memory_limit = std::size_t{8} << 20;
        }
        Pool pool(options);
        ExactFibonacci large(pool, {only(400'000'000), false, hexadecimal});
        ExactFibonacci small(pool, {only(100'000), false, hexadecimal});
        static_cast<void>(small.find(pool, {}));
        try {
            const TightAddressSpace tight;
            static_cast<void>(large.find(pool, {}));
            ADD_FAILURE() << "found without memory";
        } catch (const JobFailed& failed) {
            EXPECT_EQ(failed.details().exception_type, "std::bad_alloc");
        }
        EXPECT_NO_THROW(static_cast<void>(small.find(pool, {})));  // the pool goes on
    }
}

TEST(ExactFibonacci, IsRefusedBeforeItStarts) {
    const PoolOptions options;
    EXPECT_THROW(static_cast<void>(ExactFibonacci::check(
                     {only(kernels::max_exact_fibonacci + 1), false, decimal}, options)),
                 std::invalid_argument);
    EXPECT_THROW(static_cast<void>(ExactFibonacci::check(
                     {{0, kernels::max_exact_fibonacci}, true, decimal}, options)),
                 std::invalid_argument);
    EXPECT_THROW(static_cast<void>(ExactFibonacci::check({{0, two_to_64}, true, decimal}, options)),
                 std::invalid_argument);
    EXPECT_GT(ExactFibonacci::check({only(1'000'000), false, decimal}, options), 86'800U);
    if (can_limit_address_space) {
        const TightAddressSpace tight;
        EXPECT_THROW(
            static_cast<void>(ExactFibonacci::check({only(100'000'000), false, decimal}, options)),
            std::invalid_argument);
    }
}

}  // namespace
}  // namespace pinfold::apps
