// What a Future promises, on each crew.

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <coroutine>
#include <exception>
#include <memory>
#include <optional>
#include <pinfold/pinfold.hpp>
#include <pinfold/shm/crossing.hpp>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "gate.hpp"
#include "on_each_crew.hpp"
#include "shared.hpp"

namespace pinfold {
namespace {

using namespace std::chrono_literals;
using testing::Gate;
using testing::refusal;

/// A gate that was made before the pool's workers.
struct BeforePool {
    testing::Shared<Gate> gate;
};

class Futures : private BeforePool, public testing::OnEachCrew {
  protected:
    Futures() : OnEachCrew(2) {}
    void TearDown() override {
        gate->open();
        OnEachCrew::TearDown();
    }

    /// Otherwise somebody else runs a task, while the host goes on.
    [[nodiscard]] static bool runs_at_once() { return GetParam() == Crew::serial; }

    using BeforePool::gate;
};

constexpr auto seven = [] { return 7; };
constexpr auto text_of = [](int x) { return std::to_string(x) + std::string(40, '.'); };

TEST_P(Futures, GiveAReferenceThatStays) {
    const auto text = pool.submit(text_of, 1);
    const std::string& first = text.get();
    EXPECT_EQ(&first, &text.get());
    EXPECT_EQ(&first, &text.get_for(1h));
    EXPECT_EQ(first, text_of(1));
    EXPECT_TRUE(text.done());
    EXPECT_FALSE(text.running());
    EXPECT_FALSE(text.cancelled());
}

/// It would hold up for ever the thread that makes what it waits for.
TEST_P(Futures, RefuseAFunctionThatWaitsForOneThatComesBehindIt) {
    const auto seven_soon = pool.submit(seven);
    const auto waits = seven_soon.then([&](int) { return pool.submit(seven).then(text_of).get(); });
    EXPECT_NE(refusal<std::logic_error>([&] { waits.get(); }).find("return that Future"),
              std::string::npos);
    const auto returns = seven_soon.then([&](int) { return pool.submit(seven).then(text_of); });
    EXPECT_EQ(returns.get(), text_of(7));
}

TEST_P(Futures, MoveTheValueOutOfAnRvalue) {
    auto text = pool.submit(text_of, 2);
    const char* const characters = text.get().data();
    const std::string moved = std::move(text).get();
    EXPECT_EQ(moved.data(), characters);
    EXPECT_FALSE(text.valid());
    EXPECT_EQ(pool.submit(text_of, 3).get_for(1h), text_of(3));
    static_assert(!std::is_copy_constructible_v<Future<int>>);
    static_assert(std::is_nothrow_move_constructible_v<Future<int>>);
    static_assert(std::is_nothrow_move_assignable_v<Future<int>>);
}

TEST_P(Futures, WithoutATaskThrow) {
    Future<int> none;
    EXPECT_FALSE(none.valid());
    const auto is_refused = [](const auto& call) {
        return refusal<std::logic_error>(call).find("this Future has no task") != std::string::npos;
    };
    EXPECT_TRUE(is_refused([&] { none.get(); }));
    EXPECT_TRUE(is_refused([&] { std::move(none).get(); }));
    EXPECT_TRUE(is_refused([&] { none.get_for(1s); }));
    EXPECT_TRUE(is_refused([&] { none.wait(); }));
    EXPECT_TRUE(is_refused([&] { (void)none.done(); }));
    EXPECT_TRUE(is_refused([&] { none.cancel(); }));
    EXPECT_TRUE(is_refused([&] { (void)none.then([](int) {}); }));
    std::vector<Future<int>> several(1);
    EXPECT_TRUE(is_refused([&] { wait(several); }));
    Future<int> one = pool.submit(seven);
    none = std::move(one);
    EXPECT_EQ(none.get(), 7);
    EXPECT_TRUE(is_refused([&] { one.get(); }));  // NOLINT: that it was moved from is the point
}

TEST_P(Futures, EndWaitsInTime) {
    if (runs_at_once()) {
        GTEST_SKIP() << "a pool of Crew::serial has no task that is not done";
    }
    auto held = pool.submit(
        [](Gate* g) {
            g->pass();
            return 1;
        },
        gate.get());
    EXPECT_FALSE(held.wait_for(0s));
    EXPECT_FALSE(held.wait_for(-1s));
    EXPECT_FALSE(held.wait_for(1ms));
    EXPECT_THROW(held.get_for(0s), Timeout);
    EXPECT_THROW(std::move(held).get_for(std::chrono::duration<double>(0.001)), Timeout);
    ASSERT_TRUE(held.valid());
    ASSERT_TRUE(gate->wait_for(1));
    EXPECT_TRUE(held.running());
    EXPECT_FALSE(held.done());
    gate->open();
    EXPECT_TRUE(held.wait_for(std::chrono::seconds(1'000'000'000)));
    EXPECT_EQ(held.get_for(std::chrono::hours::max()), 1);
    EXPECT_EQ(held.get_for(std::chrono::duration<double>(1e30)), 1);
}

TEST_P(Futures, ThatAreDroppedNeitherWaitNorCancel) {
    for (int i = 0; i < 4; ++i) {
        (void)pool.submit(
            [](Gate* at) {
                at->arrive();
                return std::string(1000, 'x');
            },
            gate.get());
    }
    EXPECT_TRUE(gate->wait_for(4));
    EXPECT_EQ(pool.submit(seven).get(), 7);
}

TEST_P(Futures, CancelWhatHasNotStarted) {
    if (runs_at_once()) {
        auto done = pool.submit(seven);
        EXPECT_FALSE(done.cancel());
        EXPECT_EQ(done.get(), 7);
        return;
    }
    std::vector<Future<int>> held;
    for (int i = 0; i < 2; ++i) {
        held.push_back(pool.submit(
            [](Gate* g) {
                g->pass();
                return 1;
            },
            gate.get()));
    }
    ASSERT_TRUE(gate->wait_for(2));
    auto pending = pool.submit(seven);
    auto then = pending.then([](int x) { return x; });
    EXPECT_FALSE(pending.done());
    EXPECT_TRUE(pending.cancel());
    EXPECT_TRUE(pending.done());
    EXPECT_TRUE(pending.cancelled());
    EXPECT_THROW(pending.get(), Cancelled);
    EXPECT_THROW(then.get(), Cancelled);
    EXPECT_FALSE(held[0].cancel());
    gate->open();
    EXPECT_EQ(held[0].get() + held[1].get(), 2);
    EXPECT_FALSE(held[1].cancel());
}

TEST_P(Futures, WaitForRoomAsLongAsTheyAreTold) {
    if (runs_at_once()) {
        GTEST_SKIP() << "a pool of Crew::serial always has room";
    }
    pool = Pool({.crew = Crew::serial});
    pool = Pool({.crew = GetParam(), .workers = 1, .pin = "none", .task_slots = 2});
    std::vector<Future<int>> held;
    for (int i = 0; i < 2; ++i) {
        held.push_back(pool.submit(
            [](Gate* g) {
                g->pass();
                return 1;
            },
            gate.get()));
    }
    EXPECT_THROW((void)pool.submit({.room_within = 0s}, seven), Timeout);
    EXPECT_THROW((void)pool.submit({.room_within = 5ms}, seven), Timeout);
    std::stop_source source;
    std::jthread stopper([&] {
        std::this_thread::sleep_for(10ms);
        source.request_stop();
    });
    const TaskOptions until_stop{.room_within = 1h, .stop = source.get_token()};
    EXPECT_THROW((void)pool.submit(until_stop, seven), Cancelled);
    gate->open();
    EXPECT_EQ(pool.submit({.room_within = 1h}, seven).get(), 7);
    EXPECT_EQ(held[0].get() + held[1].get(), 2);
}

template <typename E>
struct Throws {
    std::string text;
    int operator()() const { throw E(text); }
};

/// What is nested in the TaskFailed of a task, as text.
template <typename E, typename F>
std::string nested_in(Pool& pool, const F& f) {
    try {
        (void)pool.submit(f).get();
        return "no failure";
    } catch (const TaskFailed& failure) {
        EXPECT_EQ(failure.details().attempts, 1);
        EXPECT_GE(failure.details().number, 1U);
        try {
            std::rethrow_if_nested(failure);
            return "nothing nested in " + failure.details().exception_type;
        } catch (const E& nested) {
            EXPECT_EQ(typeid(nested), typeid(E));
            return nested.what();
        }
    }
}

TEST_P(Futures, ThrowWhatStdKnowsAgain) {
    EXPECT_EQ((nested_in<std::runtime_error>(pool, Throws<std::runtime_error>{"a"})), "a");
    EXPECT_EQ((nested_in<std::out_of_range>(pool, Throws<std::out_of_range>{"b"})), "b");
    EXPECT_EQ((nested_in<std::overflow_error>(pool, Throws<std::overflow_error>{"c"})), "c");
    EXPECT_EQ(
        (nested_in<std::bad_optional_access>(pool, [] { return std::optional<int>().value(); })),
        std::bad_optional_access().what());
    const auto open = []() -> int {
        throw std::system_error(ENOENT, std::generic_category(), "open \"x\"");
    };
    EXPECT_EQ((nested_in<std::system_error>(pool, open)),
              std::system_error(ENOENT, std::system_category(), "open \"x\"").what());
    try {
        pool.submit(open).get();
        FAIL();
    } catch (const TaskFailed& failure) {
        try {
            std::rethrow_if_nested(failure);
            FAIL();
        } catch (const std::system_error& nested) {
            EXPECT_EQ(nested.code(), std::errc::no_such_file_or_directory);
        }
    }
}

struct Private : std::runtime_error {
    explicit Private(const std::string& text) : std::runtime_error("private " + text) {}
};

TEST_P(Futures, TellWhatCannotBeMadeAgain) {
    EXPECT_NE((nested_in<std::exception>(pool, Throws<Private>{"text"})).find("Private"),
              std::string::npos);
    EXPECT_EQ((nested_in<std::exception>(pool, []() -> int { throw 42; })),
              "nothing nested in int");
    try {
        pool.submit({.name = "the one"}, Throws<Private>{"text"}).get();
        FAIL();
    } catch (const TaskFailed& failure) {
        EXPECT_EQ(failure.details().exception_text, "private text");
        EXPECT_EQ(failure.details().name, "the one");
        const std::string what = failure.what();
        EXPECT_NE(what.find("(the one) failed after 1 attempt: "), std::string::npos) << what;
        EXPECT_NE(what.find("Private: private text"), std::string::npos) << what;
        EXPECT_NE(what.find("Crew::serial"), std::string::npos) << what;
    }
    auto again = pool.submit(Throws<Private>{"again"});
    EXPECT_THROW(again.get(), TaskFailed);
    EXPECT_THROW(again.get(), TaskFailed);
    EXPECT_EQ(pool.submit(seven).get(), 7);
}

struct Unreadable {
    std::string value;
    template <typename Archive>
    void save(Archive& to) const {
        to(value);
    }
    template <typename Archive>
    void load(Archive& from) {
        from(value);
        throw std::domain_error("unreadable");
    }
};

TEST_P(Futures, FailWhereTheResultCannotBeRead) {
    auto result = pool.submit([] { return Unreadable{"x"}; });
    for (int i = 0; i < 2; ++i) {
        try {
            (void)result.get();
            FAIL();
        } catch (const TaskFailed& failure) {
            EXPECT_EQ(failure.details().exception_text, "unreadable");
            EXPECT_THROW(std::rethrow_if_nested(failure), std::domain_error);
        }
    }
}

TEST_P(Futures, GoOnByThen) {
    auto first = pool.submit(seven);
    const auto host = std::this_thread::get_id();
    auto second = first.then([host](const int& x) {
        EXPECT_NE(std::this_thread::get_id(), host);
        return x * 0.5;
    });
    auto third = second.then([](double x) { return std::to_string(x); });
    auto last = third.then([](const std::string&) {});
    last.get();
    EXPECT_EQ(third.get(), "3.500000");
    EXPECT_EQ(second.get(), 3.5);
    EXPECT_EQ(first.get(), 7);
    EXPECT_EQ(pool.submit([] {}).then([] { return 1; }).get(), 1);
    const auto owner = std::make_shared<int>(5);
    auto moved = std::make_unique<int>(6);
    EXPECT_EQ(first.then([owner, m = std::move(moved)](int x) { return x + *owner + *m; }).get(),
              18);
}

TEST_P(Futures, CallTheFunctionsOfOneInTheirOrder) {
    std::vector<int> order;
    auto first = pool.submit(seven);
    std::vector<Future<void>> all;
    for (int i = 0; i < 100; ++i) {
        all.push_back(first.then([&order, i](int) { order.push_back(i); }));
    }
    wait(all);
    ASSERT_EQ(order.size(), 100U);
    EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
}

TEST_P(Futures, GoOnWithAFutureOfAFunction) {
    auto second = pool.submit(seven).then([this](int x) {
        return pool.submit([](int y) { return std::string(static_cast<std::size_t>(y), 'y'); }, x);
    });
    static_assert(std::is_same_v<decltype(second), Future<std::string>>);
    EXPECT_EQ(second.get(), "yyyyyyy");
    auto failed =
        pool.submit(seven).then([this](int) { return pool.submit(Throws<Private>{"x"}); });
    EXPECT_THROW(failed.get(), TaskFailed);
}

TEST_P(Futures, HandOnAFailure) {
    bool is_called = false;
    auto second = pool.submit(Throws<std::range_error>{"no"}).then([&](int x) {
        is_called = true;
        return x;
    });
    auto third = second.then([&](int x) {
        is_called = true;
        return x;
    });
    EXPECT_THROW(third.get(), TaskFailed);
    EXPECT_FALSE(is_called);
    auto thrown = pool.submit(seven).then([](int) -> int { throw Private("of then"); });
    EXPECT_THROW(thrown.get(), Private);
}

TEST_P(Futures, TakeAnotherValueOnError) {
    const auto failing = [this] { return pool.submit(Throws<std::range_error>{"no"}); };
    EXPECT_EQ(failing().on_error([](std::exception_ptr) { return -1; }).get(), -1);
    EXPECT_EQ(pool.submit(seven).on_error([](std::exception_ptr) { return -1; }).get(), 7);
    std::string seen;
    auto looked_at = failing().on_error([&](const std::exception_ptr& why) {
        try {
            std::rethrow_exception(why);
        } catch (const TaskFailed& e) {
            seen = e.details().exception_text;
        }
    });
    EXPECT_THROW(looked_at.get(), TaskFailed);
    EXPECT_EQ(seen, "no");
    auto other = failing().on_error([](std::exception_ptr) -> int { throw Private("other"); });
    EXPECT_THROW(other.get(), Private);
}

TEST_P(Futures, ShareTheirValueWithThen) {
    auto text = pool.submit(text_of, 1);
    auto size = text.then([](const std::string& s) { return s.size(); });
    EXPECT_EQ(std::move(text).get(), text_of(1));
    EXPECT_EQ(size.get(), text_of(1).size());
}

TEST_P(Futures, MakeLongChains) {
    Future<int> last = pool.submit([] { return 0; });
    for (int i = 0; i < 10'000; ++i) {
        last = last.then([](int x) { return x + 1; });
    }
    EXPECT_EQ(last.get(), 10'000);
}

/// A coroutine that begins at once and tells that it is through.
struct Running {
    struct promise_type {  // NOLINT: the language's name
        Running get_return_object() { return {}; }
        std::suspend_never initial_suspend() noexcept { return {}; }
        std::suspend_never final_suspend() noexcept { return {}; }
        void return_void() {}
        void unhandled_exception() { std::terminate(); }
    };
};

struct Awaited {
    Gate through;
    int sum = 0;
    std::string text;
    std::string why;
};

Running add_up(Pool& pool, Awaited& to) {
    auto one = pool.submit([] { return 1; });
    to.sum = co_await one;
    to.sum += co_await one;
    to.sum += co_await pool.submit(seven);
    to.text = co_await pool.submit(text_of, 5);
    co_await pool.submit([] {});
    // Not in the co_await: g++ 12 destroys an aggregate twice that is made there.
    auto failing = pool.submit(Throws<Private>{"awaited"});
    try {
        co_await failing;
    } catch (const TaskFailed& failure) {
        to.why = failure.details().exception_text;
    }
    to.through.arrive();
}

TEST_P(Futures, AreAwaitedByCoroutines) {
    Awaited awaited;
    add_up(pool, awaited);
    ASSERT_TRUE(awaited.through.wait_for(1));
    EXPECT_EQ(awaited.sum, 9);
    EXPECT_EQ(awaited.text, text_of(5));
    EXPECT_EQ(awaited.why, "private awaited");
}

TEST_P(Futures, OutliveTheirPool) {
    auto text = pool.submit(text_of, 1);
    auto failed = pool.submit(Throws<std::range_error>{"gone"});
    text.wait();
    failed.wait();
    pool = Pool({.crew = Crew::serial});
    EXPECT_EQ(text.get(), text_of(1));
    EXPECT_THROW(failed.get(), TaskFailed);
    EXPECT_EQ(text.then([](const std::string& s) { return s.size(); }).get(), text_of(1).size());
}

TEST_P(Futures, AreReadByManyThreads) {
    const auto text = pool.submit(text_of, 1);
    std::vector<std::jthread> threads;
    std::atomic<int> right = 0;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] { right += text.get() == text_of(1) ? 1 : 0; });
    }
    threads.clear();
    EXPECT_EQ(right, 4);
}

INSTANTIATE_TEST_SUITE_P(OfEachCrew, Futures, ::testing::ValuesIn(testing::all_crews),
                         [](const auto& param) { return std::string(to_string(param.param)); });

}  // namespace
}  // namespace pinfold
