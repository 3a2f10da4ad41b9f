// What must not be done with shared objects: each is told by an error that says what was wrong. See
// "Misuse" in docs/shared_objects.md; what only one object knows is with that object's tests.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <condition_variable>
#include <functional>
#include <limits>
#include <mutex>
#include <new>
#include <optional>
#include <pinfold/engine/shared.hpp>
#include <pinfold/pinfold.hpp>
#include <shared_mutex>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "dying_workers.hpp"
#include "gate.hpp"
#include "leftovers.hpp"
#include "on_each_crew.hpp"
#include "one_of_each.hpp"
#include "shared.hpp"

namespace pinfold {
namespace {

using namespace std::chrono_literals;
using testing::Gate;
using testing::OneOfEach;
using testing::refusal;

class Misuse : public testing::NothingLeft {
  protected:
    void TearDown() override {
        own_.reset();
        NothingLeft::TearDown();
    }

  private:
    std::optional<Shared> own_{std::in_place};

  protected:
    const Shared& shared = *own_;
};

/// Of calls, those that do not throw an Error with these words, and what they do instead.
template <typename Error>
std::string others(const std::vector<testing::Call>& calls, const std::string& words) {
    std::string found;
    for (const auto& [name, call] : calls) {
        const std::string said = refusal<Error>(call);
        if (said.find(words) == std::string::npos) {
            found += name + ": " + said + "; ";
        }
    }
    return found;
}

std::vector<testing::Call> releases_of(const OneOfEach& all) {
    return {{"Mutex", [&] { all.mutex.unlock(); }},
            {"RecursiveMutex", [&] { all.recursive.unlock(); }},
            {"SharedMutex", [&] { all.shared.unlock(); }},
            {"LockedArray", [&] { all.array.unlock(); }}};
}

TEST_F(Misuse, IsToUnlockWhatAnotherProcessHolds) {
    const OneOfEach all(shared);
    const std::string holder =
        "the calling thread does not hold it; it is held by a thread of "
        "process " +
        std::to_string(getpid());
    const Process process(shared, [&] {
        std::string said = others<std::system_error>(releases_of(all), holder);
        said += others<std::system_error>(
            {{"BoundedSemaphore", [&] { all.taken.release(); }}},
            "the calling thread holds none of its 1 permits, of which 0 are free");
        said += others<std::system_error>({{"reader", [&] { all.shared.unlock_shared(); }}},
                                          "the calling thread does not hold it to read");
        said += others<std::system_error>({{"Mutex", [&] { all.mutex.make_consistent(); }},
                                           {"Recursive", [&] { all.recursive.make_consistent(); }},
                                           {"Shared", [&] { all.shared.make_consistent(); }},
                                           {"array", [&] { all.array.mutex().make_consistent(); }}},
                                          "Operation not permitted");
        if (!said.empty()) {
            throw std::runtime_error(said);
        }
    });
    process.join();
    EXPECT_EQ(process.error(), "");
    all.let_go();  // its holder holds it still
}

TEST_F(Misuse, IsToUnlockWhatNobodyHolds) {
    const OneOfEach all(shared);
    all.let_go();
    EXPECT_EQ(others<std::system_error>(releases_of(all),
                                        "the calling thread does not hold it; nobody holds it"),
              "");
    std::thread([&] {
        EXPECT_THROW(all.shared.unlock_shared(), std::system_error);
        EXPECT_THROW(all.taken.release(), std::system_error);
    }).join();
    all.shared.lock_shared();
    std::thread([&] { EXPECT_THROW(all.shared.unlock_shared(), std::system_error); }).join();
    all.shared.unlock_shared();
}

TEST_F(Misuse, IsToTakeAgainWhatOneHas) {
    const OneOfEach all(shared);
    EXPECT_EQ(others<std::system_error>(
                  {{"Mutex", [&] { all.mutex.lock(); }},
                   {"to recover", [&] { static_cast<void>(all.mutex.lock_or_recover()); }},
                   {"SharedMutex", [&] { all.shared.lock(); }},
                   {"its reader", [&] { all.shared.lock_shared(); }},
                   {"LockedArray", [&] { all.array.lock(); }}},
                  "the calling thread holds it already"),
              "");
    all.recursive.lock();  // is what it is for
    all.recursive.unlock();
    all.let_go();
    const Value<std::array<long, 9>> wide(shared);
    EXPECT_EQ(refusal<std::system_error>(
                  [&] { wide.update([&](auto&) { static_cast<void>(wide.load()); }); }),
              "Value: the calling thread holds it already: Resource deadlock avoided");
    EXPECT_EQ(wide.load()[0], 0) << "and it is free again";
}

TEST_F(Misuse, IsAnyUseInAChildThatTheProgramForked) {
    const OneOfEach all(shared);
    all.let_go();
    const Value<std::array<long, 9>> wide(shared);
    const Value<int> atomic(shared, 1);
    std::vector<testing::Call> calls = all.calls();
    calls.push_back({"wide Value", [&] { static_cast<void>(wide.load()); }});
    const testing::Shared<std::array<char, 4096>> told;
    const pid_t child = fork();
    if (child == 0) {
        const std::string said = others<std::logic_error>(calls, "takes no part in this object's");
        said.copy(told->data(), told->size() - 1);
        ++atomic;
        _exit(0);
    }
    int status = 1;
    waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
    EXPECT_EQ(std::string(told->data()), "");
    EXPECT_EQ(atomic, 2) << "which needs no part";
}

template <typename Handle, typename Use>
std::string after_move(Handle handle, const Use& use) {
    const Handle other = std::move(handle);
    return refusal<std::logic_error>([&] { use(handle); });  // NOLINT(bugprone-use-after-move)
}

TEST_F(Misuse, IsToUseAHandleThatWasMovedFrom) {
    const std::string words = "a shared object was used that was moved from";
    EXPECT_EQ(after_move(Value<int>(shared), [](const auto& h) { h += 1; }), words);
    EXPECT_EQ(after_move(Value<std::array<long, 9>>(shared),
                         [](const auto& h) { static_cast<void>(h.load()); }),
              words);
    EXPECT_EQ(after_move(LockedArray<int>(shared, 3), [](const auto& h) { h.lock(); }), words);
    EXPECT_EQ(after_move(Mutex(shared), [](const auto& h) { h.lock(); }), words);
    EXPECT_EQ(after_move(RecursiveMutex(shared), [](const auto& h) { h.lock(); }), words);
    EXPECT_EQ(after_move(SharedMutex(shared), [](const auto& h) { h.lock_shared(); }), words);
    EXPECT_EQ(after_move(Condition(shared), [](const auto& h) { h.notify_all(); }), words);
    EXPECT_EQ(after_move(Event(shared), [](const auto& h) { h.wait(); }), words);
    EXPECT_EQ(after_move(Semaphore(shared), [](const auto& h) { h.release(); }), words);
    EXPECT_EQ(after_move(BoundedSemaphore(shared, 1), [](const auto& h) { h.acquire(); }), words);
    EXPECT_EQ(after_move(Barrier(shared, 1), [](const auto& h) { h.arrive_and_wait(); }), words);
    EXPECT_EQ(after_move(Queue<int>(shared, 1), [](const auto& h) { h.put(1); }), words);
    EXPECT_EQ(after_move(make_pipe<int>(shared, 1).first, [](const auto& h) { h.put(1); }), words);
    EXPECT_EQ(after_move(Shared(), [](const auto& h) { const Mutex made(h); }),
              "a Shared was used after it was moved from");
    EXPECT_EQ(after_move(Process(shared, [] {}), [](const auto& h) { h.join(); }),
              "a Process was used after it was moved from");
}

TEST_F(Misuse, IsToBeAtMoreThanAThreadCan) {
    const std::string words = "a thread is at 30 shared objects already";
    std::vector<Mutex> held;
    std::string refused;
    while (refused.empty() && held.size() < 40) {
        held.emplace_back(shared);
        refused = refusal<std::system_error>([&] { held.back().lock(); });
        refused = refused == "accepted" ? "" : refused;
    }
    EXPECT_NE(refused.find(words), std::string::npos) << refused;
    held.pop_back();
    EXPECT_GE(held.size(), 30U);
    const OneOfEach* all = nullptr;
    std::optional<OneOfEach> of_another;
    std::thread([&] {  // which takes what it holds itself
        of_another.emplace(shared);
        of_another->let_go();
    })
        .join();
    all = &*of_another;
    EXPECT_EQ(others<std::system_error>(
                  {{"Mutex", [&] { all->mutex.lock(); }},
                   {"RecursiveMutex", [&] { all->recursive.lock(); }},
                   {"SharedMutex", [&] { all->shared.lock(); }},
                   {"reader", [&] { all->shared.lock_shared(); }},
                   {"LockedArray", [&] { all->array.lock(); }},
                   {"BoundedSemaphore", [&] { all->taken.acquire(); }},
                   {"Barrier", [&] { all->barrier.arrive_and_wait(); }},
                   {"Event", [&] { all->event.set(); }},
                   {"Semaphore", [&] { all->none.release(); }},
                   {"put", [&] { all->empty.put(1); }},
                   {"get", [&] { static_cast<void>(all->full.get()); }},
                   {"lease", [&] { static_cast<void>(all->full.lease()); }},
                   {"put into a pipe", [&] { all->pipe.second.put(1); }},
                   {"get from a pipe", [&] { static_cast<void>(all->pipe.second.get()); }}},
                  words),
              "");
    held.back().unlock();
    all->mutex.lock();
    all->mutex.unlock();
    held.pop_back();
    for (const Mutex& mutex : held) {
        mutex.unlock();
    }
}

TEST_F(Misuse, IsToAskForSizesThatMakeNoSense) {
    const auto refused = [](const auto& make) { return refusal<std::invalid_argument>(make); };
    constexpr std::size_t all = std::numeric_limits<std::size_t>::max();
    for (const std::size_t capacity : {std::size_t{0}, (std::size_t{1} << 23) + 1, all}) {
        EXPECT_NE(refused([&] { Queue<int>(shared, capacity); }).find("8388608"), std::string::npos)
            << capacity;
        EXPECT_NE(
            refused([&] { static_cast<void>(make_pipe<int>(shared, capacity)); }).find("8388608"),
            std::string::npos)
            << capacity;
    }
    EXPECT_NE(refused([&] { BoundedSemaphore(shared, 0); }).find("65535"), std::string::npos);
    EXPECT_NE(refused([&] { Semaphore(shared, 1U << 31); }).find("2147483647"), std::string::npos);
    EXPECT_NE(refused([&] { Barrier(shared, 0); }).find("4094"), std::string::npos);
    EXPECT_NE(refused([&] { Barrier(shared, 4095); }).find("4094"), std::string::npos);
    const Shared small({.bytes = 1 << 20});
    EXPECT_THROW(Queue<int>(small, 1 << 20), std::system_error) << "more than its memory";
    EXPECT_THROW(LockedArray<int>(small, all), std::bad_array_new_length);
    EXPECT_THROW(LockedArray<int>(small, 1 << 20), std::system_error);
    const Queue<int> queue(small, 4);  // what is left serves
    queue.put(1);
}

TEST_F(Misuse, IsForAProcessToJoinItself) {
    std::optional<Process> process;
    const Event begin(shared);
    process.emplace(shared, [&] {
        begin.wait();
        if (process) {
            process->join();
        }
    });
    begin.set();
    process->join();
    process->join();
    EXPECT_EQ(process->exit_code(), 0) << "it has no handle of itself: it was forked before";
}

TEST_F(Misuse, IsToMakeAProcessOfNothing) {
    const Process process(shared, std::function<void()>());
    process.join();
    EXPECT_EQ(process.exit_code(), 1);
    EXPECT_NE(process.error().find("bad_function_call"), std::string::npos) << process.error();
}

// As std::condition_variable_any, but not std::condition_variable, allows.
TEST_F(Misuse, IsNotToWaitWithDifferentMutexes) {
    const Condition condition(shared);
    const Mutex first(shared);
    const RecursiveMutex second(shared);
    const testing::Shared<std::atomic<int>> woken;
    const auto wait_with = [&](const auto& mutex) {
        return testing::start_to_wait([&] {
            std::unique_lock lock(mutex);
            bool is_woken = false;
            while (!is_woken) {
                is_woken = condition.wait_for(lock, 30s) == std::cv_status::no_timeout;
            }
            EXPECT_TRUE(lock.owns_lock());
            ++*woken;
        });
    };
    std::thread with_first = wait_with(first);
    std::thread with_second = wait_with(second);
    while (*woken != 2) {
        condition.notify_all();
        std::this_thread::yield();
    }
    with_first.join();
    with_second.join();
}

/// Uses an object when its thread has given its seats up.
struct Late {
    std::function<void()> use;
    ~Late() {
        if (use) {
            use();
        }
    }
};
thread_local Late late;

TEST_F(Misuse, IsToUseAnObjectBehindTheEndOfAThread) {
    const Mutex mutex(shared);
    std::string said;
    std::thread([&] {
        late.use = [&] { said = refusal<std::logic_error>([&] { mutex.lock(); }); };
        mutex.lock();  // its seats are made behind `late`, and end before it
        mutex.unlock();
    }).join();
    EXPECT_EQ(said, "a shared object is used by a thread that is about to end");
    const std::lock_guard guard(mutex);
}

}  // namespace
}  // namespace pinfold
