#include "task_batches.hpp"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <optional>
#include <pinfold/engine/map_reduce.hpp>
#include <pinfold/engine/tasks.hpp>
#include <pinfold/shm/crossing.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "leftovers.hpp"

namespace chaos {

namespace {

using pinfold::Future;
using pinfold::TaskOptions;

constexpr unsigned longest_us = 10'000;
constexpr int most_depth = 3;
const TaskOptions patient_child{.max_attempts = 100};

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
        auto future = pinfold::submit(patient_child, tree, site, its, depth - 1, text_of(its));
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

constexpr std::uint64_t width = 100;

constexpr auto leaf = [](const Site& site, std::uint64_t seed) {
    site.at_work[0].note();
    return mixed(seed);
};

constexpr auto wide = [](const Site& site, std::uint64_t seed) {
    std::vector<Future<std::uint64_t>> children;
    for (std::uint64_t child = 0; child < width; ++child) {
        children.push_back(pinfold::submit(patient_child, leaf, site, seed_of_child(seed, child)));
    }
    take_time(seed);
    std::uint64_t sum = 0;
    for (const auto& child : children) {
        sum += child.get();
    }
    return sum;
};

std::uint64_t wide_value(std::uint64_t seed) {
    std::uint64_t sum = 0;
    for (std::uint64_t child = 0; child < width; ++child) {
        sum += mixed(seed_of_child(seed, child));
    }
    return sum;
}

// ---- the batches

void require(bool holds, const char* what) {
    if (!holds) {
        throw std::runtime_error(what);
    }
}

/// Chance may hit the same task again and again.
TaskOptions patient(const Stage& stage) {
    return {.deadline = stage.deadline, .max_attempts = 100};
}

std::vector<std::uint64_t> some_seeds(const Stage& stage, std::size_t most) {
    std::vector<std::uint64_t> seeds(1 + stage.random() % most);
    std::ranges::generate(seeds, std::ref(stage.random));
    return seeds;
}

Made run_numbers(const Stage& stage) {
    const auto seeds = some_seeds(stage, most_tasks);
    std::vector<Future<std::uint64_t>> futures;
    for (std::size_t i = 0; i < seeds.size(); ++i) {
        futures.push_back(stage.pool.submit(patient(stage), number, stage.site, i, seeds[i]));
    }
    for (std::size_t i = 0; i < seeds.size(); ++i) {
        require(futures[i].get() == mixed(seeds[i]), "a number is wrong");
    }
    return {.tasks = seeds.size()};
}

Made run_texts(const Stage& stage) {
    const auto seeds = some_seeds(stage, most_tasks);
    std::vector<Future<std::string>> futures;
    for (std::size_t i = 0; i < seeds.size(); ++i) {
        futures.push_back(
            stage.pool.submit(patient(stage), text, stage.site, i, seeds[i], text_of(seeds[i])));
    }
    std::size_t done = 0;
    for (const auto& future : pinfold::as_completed(futures)) {
        const auto i = static_cast<std::size_t>(&future - futures.data());
        require(future.get() == text_of(seeds[i]) + text_of(mixed(seeds[i])), "a text is wrong");
        ++done;
    }
    require(done == seeds.size(), "a future is missing, or came twice");
    return {.tasks = seeds.size()};
}

/// Some are dropped, some cancelled: the former run, the latter no more once it says so.
Made run_unwanted(const Stage& stage) {
    const auto seeds = some_seeds(stage, most_tasks / 4);
    // Of its own: what is dropped may run a second time when this is over.
    const Site site{stage.site.at_work, stage.pool.array<int>(seeds.size())};
    const auto calls = [&](std::size_t i) { return std::atomic_ref(site.calls[i]).load(); };
    std::vector<std::optional<int>> calls_at_cancel(seeds.size());
    for (std::size_t i = 0; i < seeds.size(); ++i) {
        auto future = stage.pool.submit(patient(stage), text, site, i, seeds[i], text_of(seeds[i]));
        if (stage.random() % 3 == 0 && future.cancel()) {
            calls_at_cancel[i] = calls(i);
        }
    }
    const bool all_ran = pinfold::testing::eventually([&] {
        for (std::size_t i = 0; i < seeds.size(); ++i) {
            if (!calls_at_cancel[i] && calls(i) == 0) {
                return false;
            }
        }
        return true;
    });
    stage.pool.submit(patient(stage), [] {}).get();  // throws where the pool is broken
    require(all_ran, "what was dropped did not run");
    for (std::size_t i = 0; i < seeds.size(); ++i) {
        require(calls(i) == calls_at_cancel[i].value_or(calls(i)), "what was cancelled ran");
    }
    return {.tasks = seeds.size()};
}

struct MappedText {
    Site site;

    template <typename Archive>
    void serialize(Archive& archive) {
        archive(site);
    }
    std::string operator()(std::uint64_t seed) const { return text(site, 0, seed, "mapped "); }
};

/// Now and then it is left half-way.
Made run_mapped(const Stage& stage) {
    const auto seeds = some_seeds(stage, most_tasks);
    const bool is_left = stage.random() % 4 == 0;
    std::size_t i = 0;
    for (const std::string& item :
         stage.pool.map(MappedText{stage.site}, seeds,
                        {.grain = 1 + stage.random() % 4, .task = patient(stage)})) {
        require(item == "mapped " + text_of(mixed(seeds[i++])), "an item is wrong");
        if (is_left && i > seeds.size() / 2) {
            return {.tasks = i};
        }
    }
    require(i == seeds.size(), "an item is missing");
    return {.tasks = i};
}

/// Chains of callbacks, which end on the host's thread for them.
Made run_chains(const Stage& stage) {
    const auto seeds = some_seeds(stage, most_tasks / 4);
    std::atomic<std::uint64_t> called{0};
    std::vector<Future<std::uint64_t>> ends;
    for (std::size_t i = 0; i < seeds.size(); ++i) {
        ends.push_back(stage.pool.submit(patient(stage), number, stage.site, i, seeds[i])
                           .then([](std::uint64_t value) { return value + 1; })
                           .then([&called](std::uint64_t value) {
                               ++called;
                               return value + 1;
                           }));
    }
    pinfold::wait(ends);
    for (std::size_t i = 0; i < seeds.size(); ++i) {
        require(ends[i].get() == mixed(seeds[i]) + 2, "a chain's value is wrong");
    }
    require(called == seeds.size(), "a callback is missing, or came twice");
    return {.tasks = seeds.size()};
}

/// A job runs among tasks.
Made run_beside_a_job(const Stage& stage) {
    const auto seeds = some_seeds(stage, most_tasks / 4);
    std::vector<Future<std::uint64_t>> futures;
    for (std::size_t i = 0; i < seeds.size(); ++i) {
        futures.push_back(stage.pool.submit(patient(stage), number, stage.site, i, seeds[i]));
    }
    const std::uint64_t sum =
        pinfold::map_reduce(
            stage.pool, pinfold::Range{0, 10'000},
            [](const pinfold::Chunk& chunk) { return static_cast<std::uint64_t>(chunk.size()); },
            std::plus<>{}, {.grain = 10, .max_attempts = 100, .chunk_deadline = stage.deadline})
            .value;
    require(sum == 10'000, "a job's value is wrong");
    for (std::size_t i = 0; i < seeds.size(); ++i) {
        require(futures[i].get() == mixed(seeds[i]), "a number beside a job is wrong");
    }
    return {.tasks = seeds.size()};
}

Made run_trees(const Stage& stage) {
    const auto seeds = some_seeds(stage, 12);
    std::vector<Future<std::uint64_t>> futures;
    for (const std::uint64_t seed : seeds) {
        futures.push_back(
            stage.pool.submit(patient(stage), tree, stage.site, seed, most_depth, text_of(seed)));
    }
    for (std::size_t i = 0; i < seeds.size(); ++i) {
        require(futures[i].get() == tree_value(seeds[i], most_depth), "a tree's value is wrong");
    }
    return {.tasks = seeds.size(), .parents = seeds.size()};
}

/// More children than a worker's lane has slots.
Made run_wide(const Stage& stage) {
    const std::uint64_t seed = stage.random();
    const auto parent = stage.pool.submit(patient(stage), wide, stage.site, seed);
    require(parent.get() == wide_value(seed), "the value of a wide parent is wrong");
    return {.tasks = 1, .parents = 1};
}

using Run = Made (*)(const Stage&);
constexpr Run flat_batches[] = {run_numbers, run_texts, run_unwanted, run_mapped, run_chains};
constexpr Run nested_batches[] = {run_trees, run_trees, run_wide};

}  // namespace

Made run_a_batch(const Stage& stage) {
    if (stage.has_jobs && stage.random() % 2 == 0) {
        return run_beside_a_job(stage);
    }
    if (stage.deadline.count() == 0 && stage.random() % 2 == 0) {
        return nested_batches[stage.random() % std::size(nested_batches)](stage);
    }
    return flat_batches[stage.random() % std::size(flat_batches)](stage);
}

}  // namespace chaos
