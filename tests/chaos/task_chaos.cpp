// Kills, stops and resumes the processes of pools at random moments under batches of tasks of 0 to
// 10 ms, nested ones too, and checks that each future has its own value, that what was dropped ran,
// that what was cancelled did not, and that nothing is left.
//
//     task_chaos --kills N --seed S
//
// The seed fixes what is done, not the moments: those are the machine's. Ends with status 1 at the
// first thing that is wrong, and by SIGALRM when a round hangs.
#include <pinfold/engine/errors.hpp>
#include <pinfold/engine/pool.hpp>
#include <pinfold/shm/heap.hpp>

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <random>
#include <span>
#include <stdexcept>

#include "disturber.hpp"
#include "leftovers.hpp"
#include "nothing_left.hpp"
#include "options.hpp"
#include "process_tree.hpp"
#include "task_batches.hpp"

namespace chaos {

namespace {

using pinfold::testing::AtWork;
using pinfold::testing::Leftovers;

constexpr unsigned most_seconds_a_round = 120;

struct Figures {
    Deeds deeds;
    std::uint64_t rounds = 0;
    Made made;
};

void require(bool holds, const char* what) {
    if (!holds) {
        throw std::runtime_error(what);
    }
}

Plan make_plan(std::minstd_rand& random, int kills_left) {
    Plan plan;
    plan.kills = std::min(kills_left, 10 + static_cast<int>(random() % 40));
    plan.stops_supervisor = random() % 4 == 0;
    plan.kills_supervisor = random() % 8 == 0;
    plan.stops_for_good = !plan.kills_supervisor && random() % 16 == 0;
    return plan;
}

/// Runs batches until the plan is done; with a killed supervisor, until one says so.
void run_batches(const Stage& stage, const Disturber& disturber, const Plan& plan,
                 Figures& figures) {
    bool last = false;
    try {
        while (!last || plan.kills_supervisor) {
            last = disturber.done();  // one more batch on what the deeds have left
            const Made made = run_a_batch(stage);
            figures.made.tasks += made.tasks;
            figures.made.parents += made.parents;
        }
    } catch (const pinfold::PoolBroken&) {
        if (!plan.kills_supervisor) {
            throw;
        }
    }
}

void run_round(std::minstd_rand& random, int kills_left, Figures& figures) {
    const Leftovers before;
    const Plan plan = make_plan(random, kills_left);
    {
        pinfold::Pool pool({.workers = 1 + static_cast<int>(random() % 5),
                            .pin = "none",
                            .arena_bytes = std::size_t{1} << 26,
                            .task_slots = random() % 2 == 0 ? 16 : 4096});
        const Site site{pool.array<AtWork>(1), pool.array<int>(most_tasks)};
        const std::size_t used_before = pool.arena()->used_bytes();
        Disturber disturber(plan, site.at_work[0], random());
        Stage stage{pool, site, random};
        stage.has_jobs = random() % 4 == 0;
        if (plan.stops_for_good) {
            stage.deadline = std::chrono::milliseconds(200);
        }
        run_batches(stage, disturber, plan, figures);
        figures.deeds += disturber.finish();
        // What was dropped may run still.
        const pinfold::shm::Arena& arena = *pool.arena();
        const bool is_free = plan.kills_supervisor || pinfold::testing::eventually([&] {
                                 return arena.heap()->used_bytes() == 0 &&
                                        (stage.has_jobs || arena.used_bytes() == used_before);
                             });
        require(is_free, "blocks of messages or results are left");
    }
    ++figures.rounds;
    require_nothing_left(before);
}

int run(int kills, unsigned seed) {
    pinfold::testing::bar_core_files();
    std::minstd_rand random(seed);
    Figures figures;
    try {
        while (figures.deeds.kills < kills) {
            alarm(most_seconds_a_round);
            run_round(random, kills - figures.deeds.kills, figures);
        }
    } catch (const std::exception& e) {
        std::fprintf(stderr, "task_chaos: seed %u, round %llu, after %d kills: %s\n", seed,
                     static_cast<unsigned long long>(figures.rounds), figures.deeds.kills,
                     e.what());
        return 1;
    }
    std::printf(
        "seed %u: %llu rounds, %llu tasks, %llu of them with tasks of their own\n"
        "%d workers killed, %d stopped; %d supervisors killed, %d stopped\n"
        "0 wrong values, 0 tasks lost, nothing left\n",
        seed, static_cast<unsigned long long>(figures.rounds),
        static_cast<unsigned long long>(figures.made.tasks),
        static_cast<unsigned long long>(figures.made.parents), figures.deeds.kills,
        figures.deeds.stops, figures.deeds.supervisor_kills, figures.deeds.supervisor_stops);
    return 0;
}

}  // namespace
}  // namespace chaos

int main(int count, char** words) try {
    unsigned kills = 150;
    unsigned seed = 1;
    chaos::read_options(std::span(words, static_cast<std::size_t>(count)).subspan(1),
                        {{"--kills", &kills}, {"--seed", &seed}},
                        "usage: task_chaos [--kills N] [--seed S]");
    return chaos::run(static_cast<int>(kills), seed);
} catch (const std::invalid_argument& e) {
    std::fprintf(stderr, "task_chaos: %s\n", e.what());
    return 2;
}
