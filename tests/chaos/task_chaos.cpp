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
#include <pinfold/engine/tasks.hpp>
#include <pinfold/shm/crossing.hpp>
#include <pinfold/shm/heap.hpp>

#include <unistd.h>

#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "disturber.hpp"
#include "leftovers.hpp"
#include "process_tree.hpp"

namespace chaos {

namespace {

using pinfold::Future;
using pinfold::TaskOptions;
using pinfold::testing::AtWork;
using pinfold::testing::Leftovers;

constexpr unsigned most_seconds_a_round = 120;
constexpr std::size_t most_tasks = 300;
constexpr unsigned longest_us = 10'000;
constexpr int most_depth = 3;

/// Chance may hit the same task again and again.
constexpr TaskOptions patient{.max_attempts = 100};

/// What all tasks of a round share.
struct Site {
    pinfold::shm::Array<AtWork> at_work;
    pinfold::shm::Array<int> calls;  // by task

    template <typename Archive>
    void serialize(Archive& archive) {
        archive(at_work, calls);
    }
};

struct Figures {
    Deeds deeds;
    std::uint64_t rounds = 0;
    std::uint64_t tasks = 0;
    std::uint64_t parents = 0;
};

// ---- the tasks

/// Takes up to 10 ms, most often less than one; half of it computes.
void take_time(std::uint64_t seed) {
    const auto most = seed % 4 == 0 ? longest_us : longest_us / 16;
    const auto us = static_cast<unsigned>(seed / 4 % most);
    const auto end = std::chrono::steady_clock::now() + std::chrono::microseconds(us);
    usleep(us / 2);
    while (std::chrono::steady_clock::now() < end) {
    }
}

std::uint64_t mixed(std::uint64_t seed) {
    std::minstd_rand random(static_cast<std::minstd_rand::result_type>(seed % 2'147'483'646 + 1));
    random.discard(3);
    return random();
}

std::string text_of(std::uint64_t seed) {
    return std::string(seed % 3 == 0 ? 10 : seed % 5'000, static_cast<char>('a' + seed % 26));
}

constexpr auto number = [](const Site& site, std::uint64_t i, std::uint64_t seed) {
    site.at_work[0].note();
    std::atomic_ref(site.calls[i]).fetch_add(1);
    take_time(seed);
    return mixed(seed);
};

constexpr auto text = [](const Site& site, std::uint64_t i, std::uint64_t seed,
                         const std::string& argument) {
    number(site, i, seed);
    return argument + text_of(mixed(seed));
};

/// The value of a tree of tasks: what child c of a node is given, and what becomes of its future.
std::uint64_t seed_of_child(std::uint64_t seed, std::uint64_t child) {
    return mixed(seed * 7 + child);
}
std::uint64_t children_of(std::uint64_t seed, int depth) {
    return depth == 0 ? 0 : seed % 4;
}
enum class Fate { awaited, dropped, cancelled };
Fate fate_of(std::uint64_t seed) {
    return seed % 7 == 0 ? Fate::dropped : seed % 5 == 0 ? Fate::cancelled : Fate::awaited;
}

std::uint64_t tree_value(std::uint64_t seed, int depth) {
    std::uint64_t value = mixed(seed);
    for (std::uint64_t child = 0; child < children_of(seed, depth); ++child) {
        const std::uint64_t its = seed_of_child(seed, child);
        value += fate_of(its) == Fate::awaited ? tree_value(its, depth - 1) : 0;
    }
    return value;
}

std::uint64_t tree(const Site& site, std::uint64_t seed, int depth, const std::string& argument) {
    site.at_work[0].note();
    if (argument != text_of(seed)) {
        throw std::runtime_error("an argument is not what was submitted");
    }
    std::vector<Future<std::uint64_t>> awaited;
    for (std::uint64_t child = 0; child < children_of(seed, depth); ++child) {
        const std::uint64_t its = seed_of_child(seed, child);
        auto future = pinfold::submit(patient, tree, site, its, depth - 1, text_of(its));
        if (fate_of(its) == Fate::cancelled && !future.cancel()) {
            future.wait();
        } else if (fate_of(its) == Fate::awaited) {
            awaited.push_back(std::move(future));
        }
    }
    take_time(seed / static_cast<unsigned>(depth + 1));
    std::uint64_t value = mixed(seed);
    for (const auto& future : awaited) {
        value += future.get();
    }
    return value;
}

// ---- the batches; each says what was wrong, or nothing

struct Batch {
    pinfold::Pool& pool;
    const Site& site;
    std::minstd_rand& random;
    Figures& figures;
};

void require(bool holds, const char* what) {
    if (!holds) {
        throw std::runtime_error(what);
    }
}

void run_numbers(const Batch& batch) {
    const std::size_t count = 1 + batch.random() % most_tasks;
    std::vector<std::uint64_t> seeds(count);
    std::vector<Future<std::uint64_t>> futures;
    for (std::size_t i = 0; i < count; ++i) {
        seeds[i] = batch.random();
        futures.push_back(batch.pool.submit(patient, number, batch.site, i, seeds[i]));
    }
    for (std::size_t i = 0; i < count; ++i) {
        require(futures[i].get() == mixed(seeds[i]), "a number is wrong");
    }
    batch.figures.tasks += count;
}

void run_texts(const Batch& batch) {
    const std::size_t count = 1 + batch.random() % most_tasks;
    std::vector<std::uint64_t> seeds(count);
    std::vector<Future<std::string>> futures;
    for (std::size_t i = 0; i < count; ++i) {
        seeds[i] = batch.random();
        futures.push_back(
            batch.pool.submit(patient, text, batch.site, i, seeds[i], text_of(seeds[i])));
    }
    std::size_t done = 0;
    for (const auto& future : pinfold::as_completed(futures)) {
        const auto i = static_cast<std::size_t>(&future - futures.data());
        require(future.get() == text_of(seeds[i]) + text_of(mixed(seeds[i])), "a text is wrong");
        ++done;
    }
    require(done == count, "a future is missing, or came twice");
    batch.figures.tasks += count;
}

/// Some are dropped, some cancelled: the former run, the latter no more once it says so.
void run_unwanted(const Batch& batch) {
    const std::size_t count = 1 + batch.random() % (most_tasks / 4);
    // Of its own: what is dropped may run a second time when this is over.
    const Site site{batch.site.at_work, batch.pool.array<int>(count)};
    const auto calls = [&](std::size_t i) { return std::atomic_ref(site.calls[i]).load(); };
    std::vector<std::optional<int>> calls_at_cancel(count);
    for (std::size_t i = 0; i < count; ++i) {
        const std::uint64_t seed = batch.random();
        auto future = batch.pool.submit(patient, text, site, i, seed, text_of(seed));
        if (batch.random() % 3 == 0 && future.cancel()) {
            calls_at_cancel[i] = calls(i);
        }
    }
    const bool all_ran = pinfold::testing::eventually([&] {
        for (std::size_t i = 0; i < count; ++i) {
            if (!calls_at_cancel[i] && calls(i) == 0) {
                return false;
            }
        }
        return true;
    });
    batch.pool.submit(patient, [] {}).get();  // throws where the pool is broken
    require(all_ran, "what was dropped did not run");
    for (std::size_t i = 0; i < count; ++i) {
        require(calls(i) == calls_at_cancel[i].value_or(calls(i)), "what was cancelled ran");
    }
    batch.figures.tasks += count;
}

void run_trees(const Batch& batch) {
    const std::size_t count = 1 + batch.random() % 12;
    std::vector<std::uint64_t> seeds(count);
    std::vector<Future<std::uint64_t>> futures;
    for (std::size_t i = 0; i < count; ++i) {
        seeds[i] = batch.random();
        futures.push_back(
            batch.pool.submit(patient, tree, batch.site, seeds[i], most_depth, text_of(seeds[i])));
    }
    for (std::size_t i = 0; i < count; ++i) {
        require(futures[i].get() == tree_value(seeds[i], most_depth), "a tree's value is wrong");
    }
    batch.figures.parents += count;
}

constexpr void (*all_batches[])(const Batch&) = {run_numbers, run_texts, run_unwanted, run_trees,
                                                 run_trees};

// ---- rounds

Plan make_plan(std::minstd_rand& random, int kills_left) {
    Plan plan;
    plan.kills = std::min(kills_left, 10 + static_cast<int>(random() % 40));
    plan.stops_supervisor = random() % 4 == 0;
    plan.kills_supervisor = random() % 8 == 0;
    return plan;
}

/// Runs batches until the plan is done; with a killed supervisor, until one says so.
void run_batches(const Batch& batch, const Disturber& disturber, const Plan& plan) {
    bool last = false;
    try {
        while (!last || plan.kills_supervisor) {
            last = disturber.done();  // one more batch on what the deeds have left
            all_batches[batch.random() % std::size(all_batches)](batch);
        }
    } catch (const pinfold::PoolBroken&) {
        if (!plan.kills_supervisor) {
            throw;
        }
    }
}

void require_nothing_left(const Leftovers& before, const Leftovers& after) {
    require(after.processes == before.processes, "processes are left");
    require(after.descriptors == before.descriptors, "descriptors are left");
    require(after.shared_memory == before.shared_memory, "a name in /dev/shm is left");
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
        run_batches({pool, site, random, figures}, disturber, plan);
        const Deeds deeds = disturber.finish();
        figures.deeds.kills += deeds.kills;
        figures.deeds.stops += deeds.stops;
        figures.deeds.supervisor_stops += deeds.supervisor_stops;
        figures.deeds.supervisor_kills += deeds.supervisor_kills;
        // What was dropped may run still.
        const pinfold::shm::Arena& arena = *pool.arena();
        const bool is_free =
            plan.kills_supervisor || pinfold::testing::eventually([&] {
                return arena.heap()->used_bytes() == 0 && arena.used_bytes() == used_before;
            });
        require(is_free, "blocks of messages or results are left");
    }
    ++figures.rounds;
    require_nothing_left(before, Leftovers());
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
        "seed %u: %llu rounds, %llu tasks without and %llu with tasks of their own\n"
        "%d workers killed, %d stopped; %d supervisors killed, %d stopped\n"
        "0 wrong values, 0 tasks lost, nothing left\n",
        seed, static_cast<unsigned long long>(figures.rounds),
        static_cast<unsigned long long>(figures.tasks),
        static_cast<unsigned long long>(figures.parents), figures.deeds.kills, figures.deeds.stops,
        figures.deeds.supervisor_kills, figures.deeds.supervisor_stops);
    return 0;
}

unsigned number_in(const char* word) {
    unsigned value = 0;
    const char* const end = word + std::strlen(word);
    if (std::from_chars(word, end, value).ptr != end || *word == '\0') {
        throw std::invalid_argument(std::string("not a number: ") + word);
    }
    return value;
}

}  // namespace
}  // namespace chaos

int main(int count, char** words) try {
    unsigned kills = 150;
    unsigned seed = 1;
    for (int i = 1; i < count; i += 2) {
        const std::string_view option = words[i];
        if (i + 1 == count || (option != "--kills" && option != "--seed")) {
            throw std::invalid_argument("usage: task_chaos [--kills N] [--seed S]");
        }
        (option == "--kills" ? kills : seed) = chaos::number_in(words[i + 1]);
    }
    return chaos::run(static_cast<int>(kills), seed);
} catch (const std::invalid_argument& e) {
    std::fprintf(stderr, "task_chaos: %s\n", e.what());
    return 2;
}
