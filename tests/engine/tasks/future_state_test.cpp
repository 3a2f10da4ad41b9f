// What the host makes, and what a pool without workers runs, without the types of the front.

#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <memory>
#include <pinfold/engine/detail/tasks/task_client.hpp>
#include <pinfold/engine/detail/tasks/value_state.hpp>
#include <pinfold/engine/pool.hpp>
#include <stdexcept>
#include <thread>

#include "leftovers.hpp"
#include "make_pool.hpp"

namespace {

using namespace std::chrono_literals;
using pinfold::detail::RunningTask;
using pinfold::detail::TaskClient;
using pinfold::detail::TaskSpec;
using pinfold::detail::ValueState;

constexpr std::chrono::nanoseconds for_ever{-1};

std::shared_ptr<ValueState<int>> made(TaskClient& client) {
    auto state = std::make_shared<ValueState<int>>();
    client.adopt(*state);
    return state;
}

class FutureStates : public pinfold::testing::NothingLeft {
  protected:
    void TearDown() override {
        pool.reset();
        NothingLeft::TearDown();
    }

    std::optional<pinfold::Pool> pool{pinfold::testing::make_pool(pinfold::Crew::serial, 1)};
    TaskClient& client = pinfold::detail::client_of(*pool);
};

TEST_F(FutureStates, EndOnceWithWhatTheHostMakes) {
    const auto state = made(client);
    EXPECT_FALSE(state->is_done());
    EXPECT_FALSE(state->wait_for(0ns));
    EXPECT_TRUE(state->begin());
    EXPECT_TRUE(state->is_running());
    EXPECT_FALSE(state->cancel());
    state->set(7);
    state->fulfil();
    state->fail(std::make_exception_ptr(std::runtime_error("too late")));
    EXPECT_TRUE(state->wait_for(for_ever));
    EXPECT_EQ(state->get(), 7);
    EXPECT_FALSE(state->was_cancelled());
}

TEST_F(FutureStates, ThrowWhatTheyFailWith) {
    const auto state = made(client);
    state->fail(std::make_exception_ptr(std::domain_error("no root")));
    EXPECT_THROW(static_cast<void>(state->get()), std::domain_error);
    EXPECT_THROW(static_cast<void>(state->get()), std::domain_error);
}

TEST_F(FutureStates, AreCancelledBeforeTheyBegin) {
    const auto state = made(client);
    EXPECT_TRUE(state->cancel());
    EXPECT_TRUE(state->cancel());
    EXPECT_FALSE(state->begin());
    state->set(1);
    state->fulfil();
    EXPECT_TRUE(state->was_cancelled());
    EXPECT_THROW(static_cast<void>(state->get()), pinfold::Cancelled);
}

TEST_F(FutureStates, WakeWhoeverWaits) {
    const auto state = made(client);
    std::jthread waiter([&] { EXPECT_TRUE(state->wait_for(for_ever)); });
    std::jthread any([&] {
        pinfold::detail::FutureState* const one[] = {state.get()};
        EXPECT_EQ(pinfold::detail::FutureState::wait_any(one, for_ever), 0U);
    });
    state->set(3);
    state->fulfil();
}

TEST_F(FutureStates, CallTheirHooksInOrderOnOneThread) {
    const auto state = made(client);
    const auto all = made(client);
    std::vector<int> called;
    std::set<std::thread::id> threads;
    for (int i = 0; i < 100; ++i) {
        state->on_done([&, i] {
            called.push_back(i);
            threads.insert(std::this_thread::get_id());
        });
    }
    state->on_done([] { throw std::runtime_error("what a hook throws harms nobody"); });
    state->fulfil();
    state->on_done([&] { all->fulfil(); });
    EXPECT_TRUE(all->wait_for(for_ever));
    ASSERT_EQ(called.size(), 100U);
    EXPECT_TRUE(std::ranges::is_sorted(called));
    EXPECT_EQ(threads.size(), 1U);
    EXPECT_FALSE(threads.contains(std::this_thread::get_id()));
}

TEST_F(FutureStates, CallTheHooksOfALongChain) {
    std::vector<std::shared_ptr<ValueState<int>>> chain{made(client)};
    for (int i = 0; i < 5000; ++i) {
        auto next = std::make_shared<ValueState<int>>();
        next->adopt_like(*chain.back());
        chain.back()->on_done([before = chain.back(), next] {
            next->set(before->get() + 1);
            next->fulfil();
        });
        chain.push_back(std::move(next));
    }
    chain.front()->set(0);
    chain.front()->fulfil();
    EXPECT_TRUE(chain.back()->wait_for(for_ever));
    EXPECT_EQ(chain.back()->get(), 5000);
}

TEST_F(FutureStates, OutliveTheirPool) {
    const auto state = made(client);
    const auto never = made(client);
    state->set(3);
    state->fulfil();
    pool.reset();
    EXPECT_EQ(state->get(), 3);
    bool called = false;
    state->on_done([&] { called = true; });
    EXPECT_TRUE(called);
    EXPECT_FALSE(never->is_done());
}

TEST_F(FutureStates, CountCompletionsOnADescriptor) {
    const int number = client.completion_fd();
    EXPECT_EQ(client.completion_fd(), number);
    std::uint64_t count = 0;
    EXPECT_LT(read(number, &count, sizeof count), 0);
    made(client)->fulfil();
    EXPECT_TRUE(made(client)->cancel());
    EXPECT_EQ(read(number, &count, sizeof count), 8);
    EXPECT_EQ(count, 2U);
}

TEST_F(FutureStates, AreNotForAChild) {
    const auto state = made(client);
    state->on_done([] {});
    const pid_t child = fork();
    if (child == 0) {
        int refused = 0;
        const auto use = [&](const auto& call) {
            try {
                call();
            } catch (const std::logic_error&) {
                ++refused;
            }
        };
        use([&] { static_cast<void>(state->is_done()); });
        use([&] { static_cast<void>(state->wait_for(0ns)); });
        use([&] { static_cast<void>(state->cancel()); });
        use([&] { state->fulfil(); });
        use([&] { state->on_done([] {}); });
        use([&] { static_cast<void>(client.completion_fd()); });
        use([&] { client.shutdown(pinfold::Shutdown::wait); });
        state->drop();
        pool.reset();
        _exit(refused);
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(WEXITSTATUS(status), 7);
    EXPECT_FALSE(state->is_done());
    state->fulfil();
}

void twice(const RunningTask& task) {
    int number = 0;
    std::memcpy(&number, task.message, sizeof number);
    if (number < 0) {
        throw std::out_of_range("below zero");
    }
    pinfold::detail::write_task_result(*task.result, 2 * number, *task.blocks);
}

std::shared_ptr<ValueState<int>> submit(TaskClient& client, const int& number,
                                        const pinfold::TaskOptions& options = {}) {
    auto state = std::make_shared<ValueState<int>>();
    client.submit({.call = twice,
                   .code = reinterpret_cast<const void*>(twice),
                   .message = std::as_bytes(std::span(&number, 1)),
                   .options = &options},
                  state);
    return state;
}

TEST_F(FutureStates, OfASerialPoolAreDoneAtOnce) {
    const auto state = submit(client, 21);
    EXPECT_TRUE(state->is_done());
    EXPECT_FALSE(state->cancel());
    EXPECT_EQ(state->get(), 42);
}

TEST_F(FutureStates, OfASerialPoolFailAsTheirTasksDo) {
    const auto state = submit(client, -1, {.name = "root"});
    try {
        static_cast<void>(state->get());
        ADD_FAILURE() << "it threw";
    } catch (const pinfold::TaskFailed& failed) {
        EXPECT_EQ(failed.details().number, 1U);
        EXPECT_EQ(failed.details().name, "root");
        EXPECT_EQ(failed.details().attempts, 1);
        EXPECT_EQ(failed.details().exception_type, "std::out_of_range");
        EXPECT_EQ(failed.details().exception_text, "below zero");
        EXPECT_THROW(std::rethrow_if_nested(failed), std::out_of_range);
    }
}

TEST_F(FutureStates, AreRefusedWithOptionsThatTheCrewCannotGive) {
    EXPECT_THROW(submit(client, 1, {.deadline = 1s}), std::invalid_argument);
    EXPECT_THROW(submit(client, 1, {.kill_on_cancel = true}), std::invalid_argument);
    EXPECT_THROW(submit(client, 1, {.max_attempts = 0}), std::invalid_argument);
    EXPECT_THROW(client.shutdown(pinfold::Shutdown::kill), std::invalid_argument);
    client.shutdown(pinfold::Shutdown::wait);
    EXPECT_THROW(submit(client, 1), std::logic_error);
}

}  // namespace
