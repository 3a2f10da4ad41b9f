// A pool's supervisor is killed: then nobody buries its workers, and no wait may go on, whatever it
// waits on and in whichever process.
#include <gtest/gtest.h>
#include <signal.h>

#include <array>
#include <mutex>
#include <pinfold/engine/shared.hpp>
#include <pinfold/pinfold.hpp>
#include <string>
#include <thread>

#include "gate.hpp"
#include "leftovers.hpp"
#include "one_of_each.hpp"
#include "process_tree.hpp"
#include "shared.hpp"

namespace pinfold {
namespace {

using testing::Gate;
using testing::OneOfEach;
using testing::wait_on_all;

class BrokenSpace : public testing::NothingLeft {};

TEST_F(BrokenSpace, WakesAllWhoWaitInTheHostAndInProcesses) {
    const testing::Shared<Gate> gate;
    Pool pool({.crew = Crew::processes, .workers = 2});
    const OneOfEach objects(pool);
    const auto waits = static_cast<std::uint32_t>(objects.waits().size());
    const Process process(pool, [&] {
        const std::string others = wait_on_all<PoolBroken>(objects, *gate);
        if (!others.empty()) {
            throw std::runtime_error(others);
        }
    });
    std::string others;
    std::jthread in_host([&] { others = wait_on_all<PoolBroken>(objects, *gate); });
    ASSERT_TRUE(gate->wait_for(2 * waits));
    std::this_thread::sleep_for(std::chrono::milliseconds(20));  // most of them sleep
    testing::signal_child(getpid(), testing::supervisor_of(getpid()), SIGKILL);
    in_host.join();
    process.join();
    EXPECT_EQ(others, "");
    EXPECT_EQ(process.error(), "");
    EXPECT_EQ(process.exit_code(), 0);
    objects.let_go();
}

TEST_F(BrokenSpace, IsToldToWhoeverWaitsLater) {
    const testing::Shared<Gate> gate;
    Pool pool({.crew = Crew::processes, .workers = 1});
    const OneOfEach objects(pool);
    testing::signal_child(getpid(), testing::supervisor_of(getpid()), SIGKILL);
    EXPECT_EQ(wait_on_all<PoolBroken>(objects, *gate), "");
    objects.let_go();
}

// Nobody waits there, whoever has ended.
TEST_F(BrokenSpace, IsNothingToAValueThatIsAnAtomic) {
    Pool pool({.crew = Crew::processes, .workers = 1});
    const Value<int> value(pool, 5);
    const Process process(pool, [&] {
        while (value.load() != 7) {
            std::this_thread::yield();
        }
        value += 1;
    });
    testing::signal_child(getpid(), testing::supervisor_of(getpid()), SIGKILL);
    const Mutex mutex(pool);
    const std::lock_guard guard(mutex);
    std::thread([&] { EXPECT_THROW(mutex.lock(), PoolBroken); }).join();
    EXPECT_EQ(value.update([](int& x) { x += 2; }), 5);
    process.join();
    EXPECT_EQ(process.error(), "");
    EXPECT_EQ(value, 8);
}

TEST_F(BrokenSpace, IsToldByAWiderValueThatSomebodyHolds) {
    using Wide = std::array<long, 9>;
    const testing::Shared<Gate> gate;
    Pool pool({.crew = Crew::processes, .workers = 1});
    const Value<Wide> value(pool);
    const Process writer(pool, [&] { value.update([&](Wide&) { gate->pass(); }); });
    ASSERT_TRUE(gate->wait_for(1));
    testing::signal_child(getpid(), testing::supervisor_of(getpid()), SIGKILL);
    EXPECT_THROW(static_cast<void>(value.load()), PoolBroken);
    gate->open();
    writer.join();
    EXPECT_EQ(value.load(), Wide()) << "what needs no wait works";
}

}  // namespace
}  // namespace pinfold
