// What it costs to have something done elsewhere: by a thread, by a fork, by a Process, by a pool
// that is made for it, and by a pool that is there. Each is the median of 50 rounds.
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iomanip>
#include <iostream>
#include <pinfold/engine/shared.hpp>
#include <pinfold/pinfold.hpp>
#include <thread>
#include <vector>

int seven() {
    return 7;
}

int of_thread() {
    int result = 0;
    std::thread([&] { result = seven(); }).join();
    return result;
}

int of_fork() {
    const pid_t child = fork();
    if (child == 0) {
        _exit(seven());
    }
    int status = -1;
    return child > 0 && waitpid(child, &status, 0) == child ? WEXITSTATUS(status) : -1;
}

int of_process(const pinfold::Shared& shared) {
    const pinfold::Process process(shared, [] { std::exit(seven()); });
    process.join();
    return process.exit_code().value_or(-1);
}

int of_new_pool(pinfold::Crew crew) {
    pinfold::Pool pool({.crew = crew, .workers = 2});
    return pool.submit(seven).get();
}

int of_map(pinfold::Pool& pool) {
    const auto call = [](std::uint64_t) { return seven(); };
    const std::vector<int> all = pool.map(call, pinfold::Range{0, 1000}).get();
    return std::ranges::count(all, 7) == 1000 ? 7 : -1;
}

// Prints how long one of `calls` calls takes, which come together, and looks at what it returns.
template <typename F>
void measure(const char* what, int calls, F f) {
    std::vector<double> times;
    for (int round = 0; round < 50; ++round) {
        const auto start = std::chrono::steady_clock::now();
        if (f() != 7) {
            std::cerr << "costs: wrong answer of " << what << '\n';
            std::exit(EXIT_FAILURE);
        }
        const std::chrono::duration<double, std::micro> time =
            std::chrono::steady_clock::now() - start;
        times.push_back(time.count() / calls);
    }
    std::ranges::sort(times);
    std::cout << std::left << std::setw(36) << what << std::right << std::setw(8) << std::fixed
              << std::setprecision(1) << times[times.size() / 2] << " us\n";
}

int main() {
    const pinfold::Shared shared;
    measure("a thread, started and joined", 1, of_thread);
    measure("fork() and waitpid()", 1, of_fork);
    measure("a Process, started and joined", 1, [&] { return of_process(shared); });
    measure("a pool of 2 threads for one task", 1,
            [] { return of_new_pool(pinfold::Crew::threads); });
    measure("a pool of 2 processes for one task", 1,
            [] { return of_new_pool(pinfold::Crew::processes); });
    pinfold::Pool pool({.workers = 2});
    measure("one task of a pool", 1, [&] { return pool.submit(seven).get(); });
    measure("each of 1000 tasks of a pool", 1000, [&] { return of_map(pool); });
}
