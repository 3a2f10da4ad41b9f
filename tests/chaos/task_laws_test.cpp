// Random programs of submits, cancels, drops, reads, callbacks and batches, while workers die: each
// future has the value that the same call has here, and nothing is left.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <iostream>
#include <memory>
#include <mutex>
#include <optional>
#include <pinfold/engine/tasks.hpp>
#include <pinfold/shm/crossing.hpp>
#include <pinfold/shm/heap.hpp>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "leftovers.hpp"
#include "process_tree.hpp"

namespace pinfold {
namespace {

using namespace std::chrono_literals;

// ---- what is computed

enum class Kind : std::uint8_t { short_text, long_text, late, throws, throws_int, nested, wide };

struct Call {
    Kind kind = Kind::short_text;
    std::uint32_t x = 0;
};

TaskOptions patient() {
    return {.max_attempts = 100};  // chance may hit the same task again and again
}

std::string own_text(const Call& call) {
    switch (call.kind) {
        case Kind::long_text:
            return std::string(call.x % 20'000, static_cast<char>('a' + call.x % 26));
        case Kind::throws:
            throw std::range_error("thrown " + std::to_string(call.x));
        case Kind::throws_int:
            throw static_cast<int>(call.x);
        default:
            return std::to_string(call.x);
    }
}

Call child_of(const Call& call, std::uint32_t child) {
    constexpr Kind kinds[] = {Kind::short_text, Kind::long_text, Kind::throws, Kind::late};
    return {call.kind == Kind::wide ? Kind::short_text : kinds[(call.x + child) % 4],
            call.x * 7 + child};
}
std::uint32_t children_of(const Call& call) {
    return call.kind == Kind::wide ? 70 : call.kind == Kind::nested ? 1 + call.x % 4 : 0;
}

/// What a call is worth; its children by `run`, which returns nothing for one that failed.
template <typename Run>
std::string value_of(const Call& call, const Run& run) {
    std::string all = own_text(call);
    for (std::uint32_t child = 0; child < children_of(call); ++child) {
        all += run(child_of(call, child)).value_or(" failed");
    }
    return all;
}

std::optional<std::string> plain(const Call& call) {
    try {
        return value_of(call, plain);
    } catch (const std::exception&) {
        return std::nullopt;
    } catch (int) {
        return std::nullopt;
    }
}

/// The same by tasks; each third one has a sister that nobody waits for, or that is cancelled.
std::string by_tasks(const Call& call) {
    if (call.kind == Kind::late) {
        usleep(call.x % 500);
    }
    std::vector<Future<std::string>> children;
    for (std::uint32_t child = 0; child < children_of(call); ++child) {
        children.push_back(submit(patient(), by_tasks, child_of(call, child)));
        if (child % 3 == 0) {
            auto sister = submit(patient(), by_tasks, child_of(call, child + 1));
            if (call.x % 2 == 0) {
                sister.cancel();
            }
        }
    }
    std::size_t next = 0;
    return value_of(call, [&](const Call&) -> std::optional<std::string> {
        try {
            return children[next++].get();
        } catch (const TaskFailed&) {
            return std::nullopt;
        }
    });
}

// ---- what is done with it

/// What a future is to have, known when it is read: others may be cancelled until then.
struct Node {
    Call call;
    std::shared_ptr<Node> base;
    bool mends = false;  // the base's failure
    std::atomic<bool> is_cancelled{false};
};

struct Outcome {
    std::optional<std::string> value;
    bool is_cancelled = false;
};

/// Tells it at once: a program that is run again to be made smaller may come to its end.
void require(bool holds, const std::string& what) {
    if (!holds) {
        std::cerr << "a law is broken: " << what << std::endl;
        RC_FAIL(what);
    }
}

std::string told(const Outcome& outcome) {
    return outcome.value          ? '"' + outcome.value->substr(0, 100) + '"'
           : outcome.is_cancelled ? "Cancelled"
                                  : "TaskFailed";
}

Outcome outcome_of(const Node& node) {
    if (node.is_cancelled) {
        return {std::nullopt, true};
    }
    if (node.base == nullptr) {
        return {plain(node.call), false};
    }
    Outcome base = outcome_of(*node.base);
    if (base.value) {
        return {node.mends ? *base.value : *base.value + "!", false};
    }
    return node.mends ? Outcome{"mended", false} : base;
}

template <typename Read>
Outcome outcome_of_read(const Read& read) {
    try {
        return {read(), false};
    } catch (const TaskFailed&) {
        return {};
    } catch (const Cancelled&) {
        return {std::nullopt, true};
    }
}

struct Held {
    Future<std::string> future;
    std::shared_ptr<Node> node;
};

/// A program that is run against a pool.
class Program {
  public:
    Program(Pool& pool, std::uint32_t seed) : pool_(pool), random_(seed) {}

    void step() {
        switch (below(14)) {
            case 0:
                return cancel();
            case 1:
                return drop();
            case 2:
                return read();
            case 3:
                return read_in_a_thread();
            case 4:
                return go_on(false);
            case 5:
                return go_on(true);
            case 6:
                return run_batch();
            case 7:
                return below(4) == 0 ? read_all_as_completed() : wait_for_some();
            default:
                return submit_one();
        }
    }

    /// Reads what is left. What had not started before a shutdown may be cancelled.
    void end(std::optional<Shutdown> how) {
        if (how) {
            is_shut_off_ = *how != Shutdown::wait;
            pool_.shutdown(*how);
        }
        threads_.clear();
        for (const auto& [seen, node] : read_in_threads_) {
            check(seen, *node);
        }
        for (std::size_t i = 0; i < futures_.size(); ++i) {
            const Node& node = *nodes_[i];
            require(!how || node.base != nullptr || futures_[i].done(),
                    "not done after a shutdown");
            check(outcome_of_read([&] { return futures_[i].get(); }), node);
        }
        futures_.clear();
    }

  private:
    std::uint32_t below(std::uint32_t end) { return static_cast<std::uint32_t>(random_() % end); }
    std::size_t any() { return below(static_cast<std::uint32_t>(futures_.size())); }
    Held take(std::size_t i) {
        Held held{std::move(futures_[i]), std::move(nodes_[i])};
        futures_[i] = std::move(futures_.back());
        nodes_[i] = std::move(nodes_.back());
        futures_.pop_back();
        nodes_.pop_back();
        return held;
    }
    void hold(Future<std::string> future, std::shared_ptr<Node> node) {
        futures_.push_back(std::move(future));
        nodes_.push_back(std::move(node));
    }
    Call any_call() { return {static_cast<Kind>(below(20) == 0 ? 6 : below(6)), below(100'000)}; }

    [[nodiscard]] bool is_right(const Outcome& seen, const Node& node) const {
        if (is_shut_off_ &&
            (seen.is_cancelled || (seen.value && seen.value->starts_with("mended")))) {
            return true;
        }
        const Outcome expected = outcome_of(node);
        return seen.value == expected.value && seen.is_cancelled == expected.is_cancelled;
    }
    void check(const Outcome& seen, const Node& node) const {
        require(is_right(seen, node),
                "a future has " + told(seen) + " in place of " + told(outcome_of(node)));
    }

    void submit_one() {
        auto node = std::make_shared<Node>();
        node->call = any_call();
        auto future = pool_.submit(patient(), by_tasks, node->call);
        hold(std::move(future), std::move(node));
    }
    void cancel() {
        if (!futures_.empty()) {
            const std::size_t i = any();
            if (futures_[i].cancel()) {
                require(futures_[i].done(), "cancelled and not done");
                nodes_[i]->is_cancelled = true;
            }
        }
    }
    void drop() {
        if (!futures_.empty()) {
            static_cast<void>(take(any()));
        }
    }
    void read() {
        if (!futures_.empty()) {
            Held held = take(any());
            check(outcome_of_read([&] { return std::move(held.future).get(); }), *held.node);
        }
    }
    void read_in_a_thread() {
        if (!futures_.empty()) {
            threads_.emplace_back([this, held = take(any())]() mutable {
                Outcome seen = outcome_of_read([&] { return std::move(held.future).get(); });
                const std::lock_guard lock(mutex_);
                read_in_threads_.emplace_back(std::move(seen), std::move(held.node));
            });
        }
    }
    void go_on(bool mends) {
        if (futures_.empty()) {
            return;
        }
        const std::size_t i = any();
        auto node = std::make_shared<Node>();
        node->base = nodes_[i];
        node->mends = mends;
        const auto mend = [](const std::exception_ptr&) { return std::string("mended"); };
        const auto exclaim = [](const std::string& value) { return value + "!"; };
        hold(mends ? futures_[i].on_error(mend) : futures_[i].then(exclaim), std::move(node));
    }
    void wait_for_some() {
        if (!futures_.empty()) {
            static_cast<void>(futures_[any()].wait_for(std::chrono::microseconds(below(300))));
            const auto some = wait(futures_, WaitFor::first_completed, 1ms);
            require(some.done.size() + some.pending.size() == futures_.size(),
                    "wait() has lost some");
        }
    }
    void read_all_as_completed() {
        std::vector<int> times_seen(futures_.size());
        for (const auto& future : as_completed(futures_)) {
            const auto i = static_cast<std::size_t>(&future - futures_.data());
            ++times_seen[i];
            check(outcome_of_read([&] { return future.get(); }), *nodes_[i]);
        }
        require(times_seen == std::vector<int>(futures_.size(), 1), "not each came once");
        futures_.clear();
        nodes_.clear();
    }
    void run_batch() {
        std::vector<Call> calls(below(60));
        for (Call& call : calls) {
            call = any_call();
        }
        const std::size_t most = below(3) == 0 ? below(60) : calls.size();
        const MapOptions options{
            .grain = 1 + below(3) * 2, .look_ahead = below(40), .task = patient()};
        if (options.grain != 1) {  // of several items, one that fails fails all
            std::erase_if(calls, [](const Call& call) { return !plain(call); });
        }
        auto batch = pool_.map(by_tasks, calls, options);
        std::size_t i = 0;
        for (auto at = batch.begin(); at != batch.end() && i < most; ++at, ++i) {
            require(outcome_of_read([&] { return *at; }).value == plain(calls[i]),
                    "an item is wrong");
        }
        require(i == std::min(most, calls.size()), "items are missing");
    }

    Pool& pool_;
    std::minstd_rand random_;
    std::vector<Future<std::string>> futures_;
    std::vector<std::shared_ptr<Node>> nodes_;
    std::atomic<bool> is_shut_off_{false};  // what has not started is cancelled
    std::mutex mutex_;
    // Looked at in the end: the thread that cancels one notes it after others may have read it.
    std::vector<std::pair<Outcome, std::shared_ptr<Node>>> read_in_threads_;
    std::vector<std::jthread> threads_;
};

/// Kills a worker now and then while it lives.
class Killer {
  public:
    explicit Killer(std::uint32_t seed)
        : thread_([seed](const std::stop_token& stop) {
              std::minstd_rand random(seed);
              while (!stop.stop_requested()) {
                  usleep(static_cast<unsigned>(random() % 6'000));
                  const std::vector<int> workers = testing::workers_of(getpid());
                  if (!workers.empty()) {
                      testing::signal_child(testing::supervisor_of(getpid()),
                                            workers[random() % workers.size()], SIGKILL);
                  }
              }
          }) {}

  private:
    std::jthread thread_;
};

RC_GTEST_PROP(TaskLaws, HoldForRandomPrograms, ()) {
    const Crew crew =
        *rc::gen::elementOf(std::vector{Crew::serial, Crew::threads, Crew::processes});
    const auto slots = *rc::gen::elementOf(std::vector{1, 2, 5, 64, 4096});
    const auto workers = *rc::gen::inRange(1, 5);
    const auto steps = *rc::gen::inRange(1, 150);
    const bool kills = crew == Crew::processes && *rc::gen::arbitrary<bool>();
    const auto seed = static_cast<std::uint32_t>(*rc::gen::inRange(1, 1'000'000'000));
    const auto how = *rc::gen::elementOf(std::vector<std::optional<Shutdown>>{
        std::nullopt, Shutdown::wait, Shutdown::cancel_pending, Shutdown::kill});
    const testing::Leftovers before;
    {
        Pool pool({.crew = crew, .workers = workers, .pin = "none", .task_slots = slots});
        const std::size_t used = pool.arena()->used_bytes();
        {
            std::optional<Killer> killer;
            if (kills) {
                killer.emplace(seed);
            }
            Program program(pool, seed);
            for (int step = 0; step < steps; ++step) {
                program.step();
            }
            const bool cannot_kill = how == Shutdown::kill && crew != Crew::processes;
            program.end(cannot_kill ? std::nullopt : how);
        }
        // What was dropped may run still.
        require(testing::eventually([&] { return pool.arena()->used_bytes() == used; }),
                "memory is left");
    }
    const testing::Leftovers after;
    require(after.processes == before.processes, "processes are left");
    require(after.descriptors == before.descriptors, "descriptors are left");
}

}  // namespace
}  // namespace pinfold
