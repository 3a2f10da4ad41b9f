// A map or a task may run again when its worker dies. What it did to shared objects until then
// stays, so it is done twice: a count is too high. The result is not, and three ways count right.
#include <signal.h>
#include <unistd.h>

#include <functional>
#include <iostream>
#include <pinfold/engine/shared.hpp>
#include <pinfold/pinfold.hpp>

// Kills its worker the first time that it comes here, as a crash or the OOM killer would.
void die_once(const pinfold::Value<int>& deaths) {
    if (deaths.fetch_add(1) == 0) {
        kill(getpid(), SIGKILL);
    }
}

int main() {
    pinfold::Pool pool({.crew = pinfold::Crew::processes, .workers = 2});
    const pinfold::Value<int> counted(pool);
    const pinfold::Value<int> deaths(pool);

    // Wrong: the chunk whose worker dies is counted twice. Right: the result.
    const auto count = [counted, deaths](const pinfold::Chunk& chunk) {
        counted += 1;
        if (chunk.begin == 50) {
            die_once(deaths);
        }
        return 1;
    };
    const auto job =
        pinfold::map_reduce(pool, pinfold::Range{0, 100}, count, std::plus<>(), {.grain = 1});
    std::cout << "100 chunks: the Value has " << counted << ", the result " << job.value << '\n';

    // Right: a task that must not run twice fails where its worker dies, and its caller decides.
    counted = 0;
    deaths = 0;
    const auto once = [counted, deaths] {
        counted += 1;
        die_once(deaths);
        return 1;
    };
    const auto task = pool.submit({.must_not_run_twice = true}, once);
    try {
        task.get();
    } catch (const pinfold::TaskFailed&) {
        std::cout << "the task failed, and the Value has " << counted << '\n';
    }

    // Right: a Process runs once, whatever becomes of it.
    counted = 0;
    deaths = 0;
    const pinfold::Process process(pool, once);
    process.join();
    std::cout << "the Process ended with " << *process.exit_code() << ", and the Value has "
              << counted << '\n';
}
