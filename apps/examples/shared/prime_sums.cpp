// The sums of the primes below 100,000, 200,000, ... 4,900,000: by 8 threads and by 8 Processes
// that empty a Queue, and by a pool's map. One table has the times.
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <iomanip>
#include <iostream>
#include <pinfold/engine/shared.hpp>
#include <pinfold/pinfold.hpp>
#include <thread>
#include <vector>

using Sums = std::vector<std::uint64_t>;  // that of n * step is at n - 1
struct Sum {
    std::uint64_t n = 0;
    std::uint64_t value = 0;
};

// By the sieve of Eratosthenes.
std::uint64_t sum_of_primes_below(std::uint64_t end) {
    std::vector<char> is_composite(end);
    std::uint64_t sum = 0;
    for (std::uint64_t p = 2; p < end; ++p) {
        if (is_composite[p] == 0) {
            sum += p;
            for (std::uint64_t multiple = p * p; multiple < end; multiple += p) {
                is_composite[multiple] = 1;
            }
        }
    }
    return sum;
}

// Starts 8 of what `start` starts, each of which takes jobs until there is none.
template <typename Start>
Sums drain(const pinfold::Shared& shared, std::uint64_t count, std::uint64_t step, Start start) {
    const pinfold::Queue<std::uint64_t> jobs(shared, count);
    const pinfold::Queue<Sum> done(shared, count);
    for (std::uint64_t n = count; n >= 1; --n) {  // the longest first
        jobs.put(n);
    }
    {
        std::vector<decltype(start([] {}))> workers;
        workers.reserve(8);
        for (int i = 0; i < 8; ++i) {
            workers.push_back(start([&] {
                while (const auto n = jobs.try_get()) {
                    done.put({*n, sum_of_primes_below(*n * step)});
                }
            }));
        }
    }  // here all 8 are joined
    done.close();
    Sums sums(count);
    while (const auto sum = done.get()) {
        sums[sum->n - 1] = sum->value;
    }
    return sums;
}

template <typename F>
Sums timed(const char* name, F f) {
    const auto before = std::chrono::steady_clock::now();
    Sums sums = f();
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - before;
    std::cout << std::left << std::setw(12) << name << std::fixed << std::setprecision(3)
              << seconds.count() << " s\n";
    return sums;
}

int main(int argc, char** argv) {
    constexpr std::uint64_t count = 49;
    const std::uint64_t step = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 100'000;
    if (argc > 2 || step < 10 || step > 1'000'000) {
        std::cerr << "usage: prime_sums [STEP, 10 to 1000000]\n";
        return EXIT_FAILURE;
    }
    const pinfold::Shared shared;
    const Sums by_threads = timed("8 threads", [&] {
        return drain(shared, count, step, [](auto work) { return std::jthread(work); });
    });
    const Sums by_processes = timed("8 Processes", [&] {
        return drain(shared, count, step,
                     [&](auto work) { return pinfold::Process(shared, work); });
    });
    const Sums by_map = timed("pool.map", [&] {
        pinfold::Pool pool({.workers = 8});
        return pool
            .map([step](std::uint64_t n) { return sum_of_primes_below(n * step); },
                 pinfold::Range{1, count + 1})
            .get();
    });
    if (by_threads != by_processes || by_threads != by_map) {
        std::cerr << "prime_sums: the sums differ\n";
        return EXIT_FAILURE;
    }
    std::cout << "all agree: the primes below " << count * step << " have the sum " << by_map.back()
              << '\n';
}
