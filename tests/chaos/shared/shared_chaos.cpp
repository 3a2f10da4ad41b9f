// Kills, stops and resumes Processes and workers, whatever they are at with the shared objects of a
// pool: at random moments, and as soon as one is at some act, asleep in it, or has something in its
// hands. Two thirds of the rounds are on one CPU or two, so there are more parties than CPUs on any
// machine. It checks that no message is lost, doubled, torn or out of order, that no value is half
// changed, that one is told of each owner who died, that permits come back, that nobody sleeps for
// what is there, and that nothing is left; and prints how many were killed where.
//
//     shared_chaos --kills N --seed S --stop-seconds T
//
// T is how long a party is stopped now and then, amid anything, while others go on. The seed fixes
// what is done, not the moments: those are the machine's. Ends with status 1 at the first thing
// that is wrong, and by SIGALRM when a round hangs.
#include <unistd.h>

#include <cstdio>
#include <span>
#include <stdexcept>

#include "options.hpp"
#include "process_tree.hpp"
#include "shared_ends.hpp"
#include "shared_round.hpp"

namespace chaos {

namespace {

constexpr unsigned most_seconds_a_round = 240;
constexpr int rounds_between_ends = 16;

void tell_number(std::uint64_t number) {
    std::printf(" %12llu", static_cast<unsigned long long>(number));
}

/// What was done with each object, and how far those were who were killed at it.
void tell_of_acts(const SharedFigures& figures) {
    std::printf("%-20s %12s", "killed at", "done");
    for (const char* const name : moment_names) {
        std::printf(" %12s", name);
    }
    std::printf("\n");
    for (std::size_t act = 1; act < acts; ++act) {
        std::printf("%-20s", act_names[act]);
        tell_number(figures.done[act]);
        for (const std::uint64_t kills : figures.kills[act]) {
            tell_number(kills);
        }
        std::printf("\n");
    }
}

void tell(const SharedFigures& figures, unsigned seed) {
    std::printf(
        "seed %u: %d rounds, %d of them on one or two CPUs, %d Processes and %d workers killed, %d "
        "of them as they were woken, %d stopped for a moment and %d for long\n"
        "%d supervisors and %d hosts killed; the last waiter was told of a supervisor's death "
        "after %.1f ms\n",
        seed, figures.rounds, figures.confined_rounds, figures.process_kills, figures.worker_kills,
        figures.woken_kills, figures.stops, figures.long_stops, figures.supervisor_kills,
        figures.host_kills, static_cast<double>(figures.slowest_news.count()) / 1e6);
    tell_of_acts(figures);
    std::printf(
        "0 lost but the %llu that get() had just handed to one that died then, 0 doubled, 0 torn, "
        "0 stuck, nothing left\n",
        static_cast<unsigned long long>(figures.got_by_dead));
}

int run(int kills, unsigned seed, int stop_seconds) {
    pinfold::testing::bar_core_files();
    std::minstd_rand random(seed);
    SharedFigures figures;
    try {
        while (figures.process_kills + figures.worker_kills < kills) {
            alarm(most_seconds_a_round);
            if (figures.rounds % rounds_between_ends == 0) {
                kill_a_supervisor(figures);
                kill_a_host(figures, random());
            }
            const bool is_long = figures.rounds % rounds_between_ends == rounds_between_ends / 4;
            run_shared_round(random, is_long ? stop_seconds : 0, figures);
        }
    } catch (const std::exception& e) {
        std::fprintf(stderr, "shared_chaos: seed %u, round %d, after %d kills: %s\n", seed,
                     figures.rounds, figures.process_kills + figures.worker_kills, e.what());
        return 1;
    }
    tell(figures, seed);
    return 0;
}

}  // namespace
}  // namespace chaos

int main(int count, char** words) try {
    unsigned kills = 150;
    unsigned seed = 1;
    unsigned stop_seconds = 1;
    chaos::read_options(std::span(words, static_cast<std::size_t>(count)).subspan(1),
                        {{"--kills", &kills}, {"--seed", &seed}, {"--stop-seconds", &stop_seconds}},
                        "usage: shared_chaos [--kills N] [--seed S] [--stop-seconds T]");
    return chaos::run(static_cast<int>(kills), seed, static_cast<int>(stop_seconds));
} catch (const std::invalid_argument& e) {
    std::fprintf(stderr, "shared_chaos: %s\n", e.what());
    return 2;
}
