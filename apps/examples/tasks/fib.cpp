#include <iostream>
#include <pinfold/pinfold.hpp>

// Each task submits another one, to the pool that runs it. A worker that waits for a task runs it.
std::uint64_t fib(int n) {
    if (n < 2) {
        return static_cast<std::uint64_t>(n);
    }
    auto first = pinfold::submit(fib, n - 1);
    const std::uint64_t second = fib(n - 2);
    return first.get() + second;
}

int main() {
    pinfold::Pool pool({.workers = 1});
    std::cout << pool.submit(fib, 20).get() << '\n';
}
