// Kills, stops and resumes the workers of pools at random moments under keyed jobs, and checks that
// each table has the bytes that one thread gives it, and that nothing is left in the arena.
//
//     keyed_chaos --kills N --seed S
//
// It goes on until the jobs' reports have told of N deaths: a signal may hit a worker that an
// earlier one has ended.
//
// The seed fixes what is done, not the moments: those are the machine's. Ends with status 1 at the
// first thing that is wrong, and by SIGALRM when a round hangs.
#include <unistd.h>
#include <pinfold/engine/errors.hpp>
#include <pinfold/engine/pool.hpp>

#include <algorithm>
#include <cstdio>
#include <functional>
#include <future>
#include <map>
#include <random>
#include <span>
#include <stdexcept>
#include <string>

#include "disturber.hpp"
#include "job/left_in.hpp"
#include "keyed/keyed_jobs.hpp"
#include "leftovers.hpp"
#include "nothing_left.hpp"
#include "options.hpp"
#include "process_tree.hpp"

namespace chaos {

namespace {

using pinfold::testing::AtWork;
using pinfold::testing::Leftovers;

constexpr unsigned most_seconds_a_round = 180;
constexpr std::uint32_t inputs = 4;  // of each job

struct KeyedFigures {
    Deeds deeds;
    std::uint64_t rounds = 0;
    std::uint64_t jobs = 0;
    std::uint64_t keys = 0;
    std::uint64_t chunks = 0;
    std::uint64_t deaths = 0;

    /// Of jobs; the rest is of a round.
    void add(const KeyedOutcome& outcome) {
        ++jobs;
        keys += outcome.keys;
        chunks += outcome.chunks;
        deaths += outcome.deaths;
    }
};

void require(bool holds, const std::string& what) {
    if (!holds) {
        throw std::runtime_error(what);
    }
}

struct Choice {
    std::size_t job;
    std::uint32_t seed;
    friend auto operator<=>(const Choice&, const Choice&) = default;
};

Choice choose(std::minstd_rand& random) {
    return {random() % keyed_jobs().size(), static_cast<std::uint32_t>(random() % inputs)};
}

using Expected = std::map<Choice, std::string>;

/// What one thread makes of each job and input.
Expected bytes_of_one_thread() {
    pinfold::Pool pool({.crew = pinfold::Crew::serial});
    const KeyedStage stage{pool, pool.array<AtWork>(1), {}};
    Expected bytes;
    for (std::size_t job = 0; job < keyed_jobs().size(); ++job) {
        for (std::uint32_t seed = 0; seed < inputs; ++seed) {
            bytes.emplace(Choice{job, seed}, keyed_jobs()[job].run(stage, seed).bytes);
        }
    }
    return bytes;
}

Plan make_plan(std::minstd_rand& random) {
    Plan plan;
    plan.kills = 10 + static_cast<int>(random() % 90);
    plan.stops_supervisor = random() % 4 == 0;
    plan.kills_supervisor = random() % 8 == 0;
    plan.stops_for_good = !plan.kills_supervisor && random() % 16 == 0;
    return plan;
}

KeyedOutcome checked(const KeyedStage& stage, const Choice& choice, const Expected& expected) {
    const KeyedJob& job = keyed_jobs()[choice.job];
    KeyedOutcome outcome = job.run(stage, choice.seed);
    require(outcome.bytes == expected.at(choice),
            std::string(job.name) + ", input " + std::to_string(choice.seed) + ": other bytes");
    return outcome;
}

/// The second one from a thread of its own, at the same time.
void run_two_jobs(const KeyedStage& stage, const Choice& first, const Choice& second,
                  const Expected& expected, KeyedFigures& figures) {
    auto beside = std::async(std::launch::async, checked, std::cref(stage), std::cref(second),
                             std::cref(expected));
    figures.add(checked(stage, first, expected));
    figures.add(beside.get());
}

/// Runs jobs until the plan is done; with a killed supervisor, until one says so.
void run_jobs(const KeyedStage& stage, const Disturber& disturber, const Plan& plan,
              std::minstd_rand& random, const Expected& expected, KeyedFigures& figures) {
    bool last = false;
    const std::size_t left_before = pinfold::testing::left_in(stage.pool);
    try {
        while (!last || plan.kills_supervisor) {
            last = disturber.done();  // one more job on what the deeds have left
            const Choice choice = choose(random);
            if (random() % 4 == 0) {
                run_two_jobs(stage, choice, choose(random), expected, figures);
            } else {
                figures.add(checked(stage, choice, expected));
            }
            require(pinfold::testing::left_in(stage.pool) == left_before,
                    std::string(keyed_jobs()[choice.job].name) + ": bytes are left in the arena");
        }
    } catch (const pinfold::PoolBroken&) {
        if (!plan.kills_supervisor) {
            throw;
        }
    }
}

void run_round(std::minstd_rand& random, const Expected& expected, KeyedFigures& figures) {
    const Leftovers before;
    const Plan plan = make_plan(random);
    {
        pinfold::Pool pool({.crew = pinfold::Crew::processes,
                            .workers = 1 + static_cast<int>(random() % 5),
                            .pin = "none",
                            .arena_bytes = std::size_t{1} << 29});
        KeyedStage stage{pool, pool.array<AtWork>(1), {}};
        if (plan.stops_for_good) {
            stage.chunk_deadline = std::chrono::milliseconds(500);
        }
        Disturber disturber(plan, stage.at_work[0], random());
        run_jobs(stage, disturber, plan, random, expected, figures);
        figures.deeds += disturber.finish();
    }
    ++figures.rounds;
    require_nothing_left(before);
}

void print(unsigned seed, const KeyedFigures& figures) {
    const auto number = [](std::uint64_t n) { return static_cast<unsigned long long>(n); };
    std::printf(
        "seed %u: %llu pools, %llu keyed jobs, %llu chunks, %llu keys\n"
        "%llu workers killed in a job, by %d signals; %d stopped; %d supervisors killed, %d "
        "stopped\n"
        "0 tables with other bytes, 0 bytes left in an arena\n",
        seed, number(figures.rounds), number(figures.jobs), number(figures.chunks),
        number(figures.keys), number(figures.deaths), figures.deeds.kills, figures.deeds.stops,
        figures.deeds.supervisor_kills, figures.deeds.supervisor_stops);
}

int run(unsigned kills, unsigned seed) {
    pinfold::testing::bar_core_files();
    std::minstd_rand random(seed);
    const Expected expected = bytes_of_one_thread();
    KeyedFigures figures;
    try {
        while (figures.deaths < kills) {
            alarm(most_seconds_a_round);
            run_round(random, expected, figures);
        }
    } catch (const std::exception& e) {
        std::fprintf(stderr, "keyed_chaos: seed %u, pool %llu, after %llu deaths: %s\n", seed,
                     static_cast<unsigned long long>(figures.rounds),
                     static_cast<unsigned long long>(figures.deaths), e.what());
        return 1;
    }
    print(seed, figures);
    return 0;
}

}  // namespace
}  // namespace chaos

int main(int count, char** words) try {
    unsigned kills = 200;
    unsigned seed = 1;
    chaos::read_options(std::span(words, static_cast<std::size_t>(count)).subspan(1),
                        {{"--kills", &kills}, {"--seed", &seed}},
                        "usage: keyed_chaos [--kills N] [--seed S]");
    return chaos::run(kills, seed);
} catch (const std::invalid_argument& e) {
    std::fprintf(stderr, "keyed_chaos: %s\n", e.what());
    return 2;
}
