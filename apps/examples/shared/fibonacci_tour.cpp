// A tour of tasks, by the slowest way to Fibonacci numbers: submit, map, a map with a callback,
// whichever is done first, and a time-out.
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <numeric>
#include <pinfold/pinfold.hpp>
#include <vector>

using namespace std::chrono_literals;

std::uint64_t fib(int n) {
    return n < 2 ? static_cast<std::uint64_t>(n) : fib(n - 1) + fib(n - 2);
}

int main() {
    pinfold::Pool pool;
    const std::vector<int> numbers{22, 23, 24, 25, 26};

    std::cout << "submit: " << pool.submit(fib, 27).get() << '\n';

    std::cout << "map:";
    for (const std::uint64_t f : pool.map(fib, numbers)) {
        std::cout << ' ' << f;
    }
    std::cout << '\n';

    // The function of then() is called in a thread of the pool; main goes on.
    const auto sum = pool.map(fib, numbers).then([](const std::vector<std::uint64_t>& all) {
        return std::accumulate(all.begin(), all.end(), std::uint64_t{0});
    });
    std::cout << "callback: their sum is " << sum.get() << '\n';

    std::vector<pinfold::Future<std::uint64_t>> futures;
    futures.push_back(pool.submit(fib, 32));
    futures.push_back(pool.submit(fib, 20));
    futures.push_back(pool.submit(fib, 21));
    std::cout << "as_completed:";
    for (const auto& future : pinfold::as_completed(futures)) {
        std::cout << ' ' << future.get();
    }
    std::cout << '\n';

    // This one would take years. Who is tired of waiting may have its worker killed.
    auto endless = pool.submit({.kill_on_cancel = true}, fib, 90);
    try {
        std::cout << endless.get_for(50ms) << '\n';
        return EXIT_FAILURE;
    } catch (const pinfold::Timeout& timeout) {
        std::cout << "time-out: " << timeout.what() << '\n';
    }
    std::cout << (endless.cancel() ? "cancelled\n" : "NOT CANCELLED\n");
}
