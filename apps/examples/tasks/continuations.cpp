// What goes on when a task is done, without a thread that waits: functions of then(), and a
// coroutine.
#include <coroutine>
#include <exception>
#include <iostream>
#include <pinfold/pinfold.hpp>
#include <stdexcept>

std::uint64_t steps_of(std::uint64_t n) {
    if (n == 0) {
        throw std::domain_error("0 never gets to 1");
    }
    std::uint64_t steps = 0;
    for (; n != 1; ++steps) {
        n = n % 2 == 0 ? n / 2 : 3 * n + 1;
    }
    return steps;
}

// The smallest class that makes a coroutine of a function. It starts when it is called.
struct Started {
    struct promise_type {
        Started get_return_object() { return {}; }
        std::suspend_never initial_suspend() noexcept { return {}; }
        std::suspend_never final_suspend() noexcept { return {}; }
        void return_void() {}
        void unhandled_exception() { std::terminate(); }
    };
};

Started longer_of(pinfold::Pool& pool, std::uint64_t a, std::uint64_t b, std::uint64_t& longer) {
    auto of_a = pool.submit(steps_of, a);  // both run at the same time
    auto of_b = pool.submit(steps_of, b);
    longer = co_await of_a >= co_await of_b ? a : b;
}

int main() {
    std::uint64_t longer = 0;
    {
        pinfold::Pool pool({.workers = 2});
        const auto text = pool.submit(steps_of, 27).then([](std::uint64_t steps) {
            return "27 takes " + std::to_string(steps);
        });
        const auto none =
            pool.submit(steps_of, 0).on_error([](std::exception_ptr) { return std::uint64_t{0}; });
        longer_of(pool, 97, 871, longer);
        std::cout << text.get() << ", 0 takes " << none.get() << '\n';
        pool.shutdown();  // and the functions that it calls are over when it is gone
    }
    std::cout << longer << " takes longer than the other\n";
}
