// Kills, stops and resumes the processes of pools at random moments under jobs of many shapes, and
// checks every value, that each chunk was folded once, the timelines of some, and that nothing is
// left.
//
//     chaos --kills N --seed S
//
// The seed fixes what is done, not the moments: those are the machine's. Ends with status 1 at the
// first thing that is wrong, and by SIGALRM when a round hangs.
#include <pinfold/engine/errors.hpp>
#include <pinfold/engine/pool.hpp>
#include <pinfold/shm/heap.hpp>

#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstring>
#include <random>
#include <span>
#include <stdexcept>
#include <string>

#include "disturber.hpp"
#include "jobs.hpp"
#include "kill_cost.hpp"
#include "leftovers.hpp"
#include "nothing_left.hpp"
#include "options.hpp"
#include "process_tree.hpp"
#include "timeline/checked_timeline.hpp"

namespace chaos {

namespace {

using pinfold::testing::Leftovers;

constexpr unsigned most_seconds_a_round = 120;
constexpr unsigned traced_one_in = 4;  // of the jobs

struct Figures {
    Deeds deeds;
    std::uint64_t rounds = 0;
    std::uint64_t jobs = 0;
};

Plan make_plan(std::minstd_rand& random, int kills_left) {
    Plan plan;
    plan.kills = std::min(kills_left, 10 + static_cast<int>(random() % 40));
    plan.stops_supervisor = random() % 4 == 0;
    plan.kills_supervisor = random() % 8 == 0;
    plan.stops_for_good = !plan.kills_supervisor && random() % 16 == 0;
    return plan;
}

/// Runs jobs of a shape with a timeline, which is valid however they end, and returns what was
/// wrong.
std::string run_traced(Stage& stage, Shape shape, std::uint64_t seed) {
    pinfold::Timeline timeline;
    stage.timeline = &timeline;
    std::string wrong;
    bool is_broken = false;
    try {
        wrong = shape(stage, seed);
    } catch (const pinfold::PoolBroken&) {
        is_broken = true;
    }
    stage.timeline = nullptr;
    const auto checked = pinfold::testing::check_timeline(timeline.to_chrome_json());
    if (!checked.faults.empty()) {
        wrong += "timeline: " + checked.faults.front();
    }
    if (is_broken && wrong.empty()) {
        throw pinfold::PoolBroken("while a job was traced");
    }
    return wrong;
}

/// Runs jobs until the plan is done; with a killed supervisor, until one says so.
void run_jobs(Stage& stage, const Disturber& disturber, const Plan& plan, std::minstd_rand& random,
              Figures& figures) {
    bool last = false;
    try {
        while (!last || plan.kills_supervisor) {
            last = disturber.done();  // one more job on what the deeds have left
            const Shape shape = all_shapes()[random() % all_shapes().size()];
            const bool is_traced = random() % traced_one_in == 0;
            const std::string wrong =
                is_traced ? run_traced(stage, shape, random()) : shape(stage, random());
            ++figures.jobs;
            if (!wrong.empty()) {
                throw std::runtime_error(wrong);
            }
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
                            .pin = random() % 2 == 0 ? "none" : "cores",
                            .arena_bytes = std::size_t{1} << 26});
        Stage stage{pool, pool.array<pinfold::testing::AtWork>(1)};
        if (plan.stops_for_good) {
            stage.chunk_deadline = std::chrono::milliseconds(100);
        }
        Disturber disturber(plan, stage.at_work[0], random());
        run_jobs(stage, disturber, plan, random, figures);
        figures.deeds += disturber.finish();
        const std::size_t left = pool.arena()->heap()->used_bytes();
        if (left != 0 && !plan.kills_supervisor) {  // who buries
            throw std::runtime_error(std::to_string(left) + " bytes of results are left");
        }
    }
    ++figures.rounds;
    require_nothing_left(before);
}

void print(const Figures& figures, unsigned seed) {
    std::printf("seed %u: %llu rounds, %llu jobs\n", seed,
                static_cast<unsigned long long>(figures.rounds),
                static_cast<unsigned long long>(figures.jobs));
    std::printf(
        "%d workers killed, %d stopped, %d sent a harmless signal; %d supervisors killed, %d "
        "stopped\n",
        figures.deeds.kills, figures.deeds.stops, figures.deeds.harmless_signals,
        figures.deeds.supervisor_kills, figures.deeds.supervisor_stops);
    std::printf(
        "0 wrong values, 0 chunks lost or folded twice, 0 reports that do not add up, nothing "
        "left\n");
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
        print(figures, seed);
        const KillCost cost = measure_kill_cost(std::clamp(kills / 100, 5, 200), seed);
        std::printf(
            "a kill costs a job of one worker and chunks of %.2f ms %.2f ms more (median of %d)\n",
            cost.chunk_ms, cost.median_extra_ms, cost.pairs);
        const KillRain rain = measure_kill_rain(std::clamp(kills / 400, 3, 40), seed);
        std::printf(
            "2^22 chunks take %.0f ms, and %.0f with a kill every 3 ms: %.2f times as long "
            "(medians of %d, %d kills)\n",
            rain.calm_ms, rain.rainy_ms, rain.rainy_ms / rain.calm_ms, rain.jobs, rain.kills);
    } catch (const std::exception& e) {
        std::fprintf(stderr, "chaos: seed %u, round %llu, after %d kills: %s\n", seed,
                     static_cast<unsigned long long>(figures.rounds), figures.deeds.kills,
                     e.what());
        return 1;
    }
    return 0;
}

}  // namespace
}  // namespace chaos

int main(int count, char** words) try {
    unsigned kills = 150;
    unsigned seed = 1;
    chaos::read_options(std::span(words, static_cast<std::size_t>(count)).subspan(1),
                        {{"--kills", &kills}, {"--seed", &seed}},
                        "usage: chaos [--kills N] [--seed S]");
    return chaos::run(static_cast<int>(kills), seed);
} catch (const std::invalid_argument& e) {
    std::fprintf(stderr, "chaos: %s\n", e.what());
    return 2;
}
