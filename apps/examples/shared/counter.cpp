// A counter that many Processes raise. `counter = counter + 1` reads and writes in two steps: two
// Processes may read the same number, and then one of them is lost. An atomic step, or a lock
// around both steps, counts all.
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <mutex>
#include <pinfold/engine/shared.hpp>
#include <vector>

int main(int argc, char** argv) {
    const long processes = argc > 1 ? std::strtol(argv[1], nullptr, 10) : 8;
    const long times = argc > 2 ? std::strtol(argv[2], nullptr, 10) : 1'000'000;
    if (argc > 3 || processes < 1 || processes > 100 || times < 1 || times > 1'000'000'000) {
        std::cerr << "usage: counter [PROCESSES, at most 100 [TIMES, at most 1000000000]]\n";
        return EXIT_FAILURE;
    }
    const pinfold::Shared shared;
    const pinfold::Value<long> in_two_steps(shared);
    const pinfold::Value<long> in_one_step(shared);
    const pinfold::LockedArray<long> locked(shared, 1);
    const pinfold::Barrier start(shared, static_cast<std::uint32_t>(processes));
    const auto raise_all = [&] {
        start.arrive_and_wait();
        for (long i = 0; i < times; ++i) {
            in_two_steps = in_two_steps + 1;
        }
        for (long i = 0; i < times; ++i) {
            ++in_one_step;
        }
        for (long i = 0; i < times; ++i) {
            const std::lock_guard guard(locked);
            locked[0] = locked[0] + 1;
        }
    };

    std::vector<pinfold::Process> all;
    for (long i = 0; i < processes; ++i) {
        // Should one die before it comes to the start, the others are told.
        all.emplace_back(shared, raise_all, pinfold::ProcessOptions{.uses = {start}});
    }
    const long expected = processes * times;
    bool is_right = true;
    for (const pinfold::Process& process : all) {
        process.join();
        is_right = is_right && process.exit_code() == EXIT_SUCCESS;
    }
    std::cout << processes << " Processes count to " << times << ", together " << expected << '\n'
              << "counter = counter + 1: " << in_two_steps << ", " << expected - in_two_steps
              << " are lost\n"
              << "++counter of a Value:  " << in_one_step << '\n'
              << "under an array's lock: " << locked[0] << '\n';
    is_right = is_right && in_one_step == expected && locked[0] == expected;
    std::cout << (is_right ? "the last two are right\n" : "WRONG\n");
    return is_right ? EXIT_SUCCESS : EXIT_FAILURE;
}
