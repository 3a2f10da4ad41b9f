#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <pinfold/engine/shared.hpp>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "gate.hpp"

namespace pinfold::testing {

/// A call, and what it is called.
using Call = std::pair<std::string, std::function<void()>>;

/// One of each kind, in a state in which others wait.
struct OneOfEach {
    explicit OneOfEach(const Space& space)
        : mutex(space),
          recursive(space),
          shared(space),
          of_condition(space),
          condition(space),
          event(space),
          none(space, 0),
          taken(space, 1),
          barrier(space, 100),
          array(space, 1),
          empty(space, 1),
          full(space, 1),
          pipe(make_pipe<int>(space, 1)) {
        mutex.lock();
        recursive.lock();
        shared.lock();
        taken.acquire();
        array.lock();
        full.put(1);
        pipe.first.put(1);
    }

    /// As tear-down. What was locked is unlocked by who holds it.
    void let_go() const {
        mutex.unlock();
        recursive.unlock();
        shared.unlock();
        taken.release();
        array.unlock();
    }

    /// Those that wait.
    [[nodiscard]] std::vector<Call> waits() const {
        return {{"mutex", [this] { mutex.lock(); }},
                {"mutex, to recover", [this] { static_cast<void>(mutex.lock_or_recover()); }},
                {"mutex, for long",
                 [this] { static_cast<void>(mutex.try_lock_for(std::chrono::hours(1))); }},
                {"recursive mutex", [this] { recursive.lock(); }},
                {"writer", [this] { shared.lock(); }},
                {"reader", [this] { shared.lock_shared(); }},
                {"condition",
                 [this] {
                     std::unique_lock lock(of_condition);
                     condition.wait(lock, [] { return false; });
                 }},
                {"event", [this] { event.wait(); }},
                {"semaphore", [this] { none.acquire(); }},
                {"bounded semaphore", [this] { taken.acquire(); }},
                {"barrier", [this] { static_cast<void>(barrier.arrive_and_wait()); }},
                {"array", [this] { array.lock(); }},
                {"get", [this] { static_cast<void>(empty.get()); }},
                {"lease", [this] { static_cast<void>(empty.lease()); }},
                {"put", [this] { full.put(2); }},
                {"join", [this] { full.join(); }},
                {"put into a pipe", [this] { pipe.first.put(2); }},
                {"get from a pipe", [this] { static_cast<void>(pipe.first.get()); }}};
    }

    /// Those that take part, of which none waits where there is nothing to wait for.
    [[nodiscard]] std::vector<Call> calls() const {
        return {{"lock", [this] { of_condition.lock(); }},
                {"try_lock", [this] { static_cast<void>(of_condition.try_lock()); }},
                {"lock_or_recover", [this] { static_cast<void>(of_condition.lock_or_recover()); }},
                {"notify_one", [this] { condition.notify_one(); }},
                {"notify_all", [this] { condition.notify_all(); }},
                {"set", [this] { event.set(); }},
                {"clear", [this] { event.clear(); }},
                {"release", [this] { none.release(); }},
                {"acquire", [this] { none.acquire(); }},
                {"try_acquire", [this] { static_cast<void>(none.try_acquire()); }},
                {"arrive", [this] { static_cast<void>(barrier.arrive_and_wait()); }},
                {"put", [this] { empty.put(1); }},
                {"try_put", [this] { static_cast<void>(empty.try_put(1)); }},
                {"get", [this] { static_cast<void>(empty.get()); }},
                {"try_get", [this] { static_cast<void>(empty.try_get()); }},
                {"lease", [this] { static_cast<void>(empty.try_lease()); }},
                {"join", [this] { full.join(); }},
                {"put into a pipe", [this] { pipe.second.put(1); }},
                {"get from a pipe", [this] { static_cast<void>(pipe.second.try_get()); }}};
    }

    const Mutex mutex;
    const RecursiveMutex recursive;
    const SharedMutex shared;
    const Mutex of_condition;
    const Condition condition;
    const Event event;
    const Semaphore none;
    const BoundedSemaphore taken;
    const Barrier barrier;
    const LockedArray<int> array;
    const Queue<int> empty;
    const Queue<int> full;
    const decltype(make_pipe<int>(std::declval<Space>(), 1)) pipe;
};

/// Waits on each by a thread of its own. Returns which waits ended by anything but an Expected.
template <typename Expected>
std::string wait_on_all(const OneOfEach& objects, Gate& gate) {
    std::mutex of_text;
    std::string others;
    std::vector<std::jthread> threads;
    for (const auto& [name, wait] : objects.waits()) {
        threads.emplace_back([&, name = name, wait = wait] {
            std::string how = "returned";
            gate.arrive();
            try {
                wait();
            } catch (const Expected&) {
                return;
            } catch (const std::exception& e) {
                how = e.what();
            }
            const std::lock_guard guard(of_text);
            others += name + ": " + how + "; ";
        });
    }
    threads.clear();
    return others;
}

}  // namespace pinfold::testing
