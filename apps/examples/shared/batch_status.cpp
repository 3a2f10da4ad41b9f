// Long tasks beside one big batch. Each tells in a Value how far it is, and calls back when it is
// done. One of them is cancelled when it is half done, and nothing else is.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <numeric>
#include <pinfold/engine/shared.hpp>
#include <pinfold/pinfold.hpp>
#include <string>
#include <syncstream>
#include <thread>
#include <vector>

using namespace std::chrono_literals;

// A hundred steps. Should it run again, after a death, `percent` begins anew.
int long_task(int result, const pinfold::Value<int>& percent, long step_ms) {
    for (int done = 1; done <= 100; ++done) {
        std::this_thread::sleep_for(std::chrono::milliseconds(step_ms));
        percent = done;
    }
    return result;
}

std::uint64_t divisors(std::uint64_t n) {
    std::uint64_t count = 0;
    for (std::uint64_t d = 1; d <= n; ++d) {
        count += n % d == 0 ? 1 : 0;
    }
    return count;
}

struct Running {
    pinfold::Value<int> percent;
    pinfold::Future<int> result;
    pinfold::Future<void> callback;

    std::string state() const {
        return result.cancelled() ? "cancelled" : std::to_string(percent) + " %";
    }
};

int main(int argc, char** argv) {
    const long step_ms = argc > 1 ? std::strtol(argv[1], nullptr, 10) : 10;
    const std::uint64_t numbers = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 20'000;
    if (argc > 3 || step_ms < 1 || step_ms > 10'000 || numbers < 1 || numbers > 1'000'000) {
        std::cerr << "usage: batch_status [MILLISECONDS of a step, at most 10000 [NUMBERS, at most "
                     "1000000]]\n";
        return EXIT_FAILURE;
    }
    pinfold::Pool pool({.workers = 4, .pin = "none"});
    std::vector<Running> tasks;
    for (const int number : {0, 1, 2}) {
        const pinfold::Value<int> percent(pool, 0);
        auto result = pool.submit({.kill_on_cancel = true}, long_task, number, percent, step_ms);
        auto callback = result.then(
            [](int done) { std::osyncstream(std::cout) << "task " << done << " calls back\n"; });
        tasks.push_back({percent, std::move(result), std::move(callback)});
    }
    auto batch = pool.map(divisors, pinfold::Range{1, numbers + 1}, {.grain = 10});
    auto sum = batch.then([](const std::vector<std::uint64_t>& all) {
        return std::accumulate(all.begin(), all.end(), std::uint64_t{0});
    });

    while (!std::ranges::all_of(tasks, [](const Running& task) { return task.callback.done(); })) {
        std::this_thread::sleep_for(100ms);
        std::osyncstream(std::cout)
            << "the batch " << (sum.done() ? "is done" : "runs") << "; tasks: " << tasks[0].state()
            << ", " << tasks[1].state() << ", " << tasks[2].state() << '\n';
        if (tasks[1].percent >= 50) {
            tasks[1].result.cancel();
        }
    }
    std::uint64_t expected = 0;
    for (std::uint64_t d = 1; d <= numbers; ++d) {
        expected += numbers / d;
    }
    const bool is_right = sum.get() == expected && tasks[0].result.get() == 0 &&
                          tasks[1].result.cancelled() && tasks[2].result.get() == 2;
    std::cout << (is_right ? "one was cancelled, and all else was done\n" : "WRONG\n");
    return is_right ? EXIT_SUCCESS : EXIT_FAILURE;
}
