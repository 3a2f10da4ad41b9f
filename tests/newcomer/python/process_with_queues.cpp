// What README.md shows of Processes, as it stands there. This is no mistake.
// prints: 37550402023
#include <pinfold/pinfold.hpp>
//
#include <iostream>
#include <pinfold/engine/shared.hpp>

long prime_sum(long end) {
    long sum = 0;
    for (long n = 2; n < end; ++n) {
        bool is_prime = true;
        for (long d = 2; is_prime && d * d <= n; ++d) {
            is_prime = n % d != 0;
        }
        sum += is_prime ? n : 0;
    }
    return sum;
}

int main() {
    pinfold::Pool pool;
    // clang-format off
    pinfold::Queue<long> jobs(pool, 64), sums(pool, 64);
    pinfold::Process p(pool, [&] { while (auto n = jobs.get()) sums.put(prime_sum(*n)); });
    jobs.put(1'000'000);
    jobs.close();
    p.join();
    std::cout << *sums.get();
    // clang-format on
}
