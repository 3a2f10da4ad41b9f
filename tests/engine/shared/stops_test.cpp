// A Process is stopped while it has something: a lock, a permit, a lease, half an update, half a
// message. Others go on with all else, their time-outs are honoured, and it has lost nothing when
// it goes on. tests/shm/parties/stopped_parties_test.cpp does the same at each step of the words.

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>

#include <array>
#include <chrono>
#include <mutex>
#include <optional>
#include <pinfold/engine/errors.hpp>
#include <pinfold/engine/shared.hpp>
#include <pinfold/shm/crossing.hpp>
#include <string>
#include <thread>

#include "leftovers.hpp"

namespace pinfold::testing {
namespace {

using namespace std::chrono_literals;

constexpr auto soon = 2ms;

/// Raises a signal in the middle of being written, or of being read in a Process.
struct Halting {
    std::string text;
    bool when_written = false;
    bool when_read = false;

    template <typename Archive>
    void save(Archive& archive) const {
        archive(text, when_read);
        if (when_written) {
            raise(SIGSTOP);
        }
    }
    template <typename Archive>
    void load(Archive& archive) {
        archive(text, when_read);
        if (when_read) {
            raise(SIGSTOP);
        }
    }
};

class StoppedProcess : public NothingLeft {
  protected:
    void TearDown() override {
        made_.reset();
        NothingLeft::TearDown();
    }

    static void expect_stop(const Process& process) {
        siginfo_t info{};
        ASSERT_EQ(
            waitid(P_PID, static_cast<id_t>(process.pid()), &info, WSTOPPED | WEXITED | WNOWAIT),
            0);
        ASSERT_EQ(info.si_code, CLD_STOPPED);
    }
    static void go_on(const Process& process) {
        kill(process.pid(), SIGCONT);
        process.join();
        EXPECT_EQ(process.exit_code(), 0) << process.error();
    }

    /// A Process takes the lock, and is stopped with it.
    template <typename Lock>
    void stop_with(const Lock& lock) {
        const Process holder(space, [&] {
            const std::lock_guard guard(lock);
            raise(SIGSTOP);
        });
        expect_stop(holder);
        EXPECT_FALSE(lock.try_lock());
        EXPECT_FALSE(lock.try_lock_for(soon));
        const Mutex another(space);
        EXPECT_TRUE(another.try_lock());
        another.unlock();
        go_on(holder);
        EXPECT_TRUE(lock.try_lock()) << "and nobody is told of a death";
        lock.unlock();
    }

  private:
    std::optional<pinfold::Shared> made_{pinfold::SharedOptions{.processes = 8}};

  protected:
    pinfold::Shared& space = *made_;
};

TEST_F(StoppedProcess, KeepsItsLock) {
    stop_with(Mutex(space));
    stop_with(RecursiveMutex(space));
    stop_with(SharedMutex(space));
    const LockedArray<int> array(space, 2);
    stop_with(array.mutex());
}

TEST_F(StoppedProcess, KeepsItsPermits) {
    const BoundedSemaphore permits(space, 2);
    const Process holder(space, [&] {
        permits.acquire();
        raise(SIGSTOP);
        permits.release();
    });
    expect_stop(holder);
    permits.acquire();
    EXPECT_FALSE(permits.try_acquire_for(soon));
    permits.release();
    go_on(holder);
    EXPECT_EQ(permits.available(), 2U);
}

TEST_F(StoppedProcess, EndsItsUpdateBeforeOthersSeeTheValue) {
    using Numbers = std::array<long, 4>;
    const Value<Numbers> value(space, Numbers{1, 1, 1, 1});
    const Value<Numbers> another(space, Numbers{});
    const Value<long> small(space, 1);
    const Process writer(space, [&] {
        static_cast<void>(value.update([](Numbers& numbers) {
            numbers[0] = 2;
            raise(SIGSTOP);
            numbers = {2, 2, 2, 2};
        }));
        static_cast<void>(small.update([](long& number) {
            ++number;
            if (number == 2) {
                raise(SIGSTOP);
            }
        }));
    });
    expect_stop(writer);
    another.store({3, 3, 3, 3});
    EXPECT_EQ(another.load(), (Numbers{3, 3, 3, 3})) << "other values are not held up";
    Numbers seen{};
    std::thread reader([&] { seen = value.load(); });
    kill(writer.pid(), SIGCONT);
    reader.join();
    EXPECT_EQ(seen, (Numbers{2, 2, 2, 2}));
    expect_stop(writer);
    small += 10;  // one of a word holds up nobody: the stopped one begins anew
    go_on(writer);
    EXPECT_EQ(small, 12);
    EXPECT_EQ(value.load(), (Numbers{2, 2, 2, 2}));
}

TEST_F(StoppedProcess, KeepsItsLease) {
    constexpr int capacity = 4;
    const Queue<int> queue(space, capacity);
    queue.put(77);
    const Process worker(space, [&] {
        auto lease = queue.lease();
        raise(SIGSTOP);
        lease->task_done();
    });
    expect_stop(worker);
    for (int i = 0; i + 1 < capacity; ++i) {
        EXPECT_TRUE(queue.try_put(i));
        EXPECT_EQ(queue.try_get(), i) << "it is passed";
    }
    EXPECT_FALSE(queue.try_put(3));
    EXPECT_FALSE(queue.put_for(3, soon));
    EXPECT_THROW(static_cast<void>(queue.get_for(soon)), Timeout);
    EXPECT_FALSE(queue.join_for(soon));
    go_on(worker);
    EXPECT_TRUE(queue.join_for(0ms));
    EXPECT_TRUE(queue.try_put(3));
    EXPECT_EQ(queue.try_get(), 3);
}

TEST_F(StoppedProcess, GetsTheMessageThatItIsReading) {
    const Queue<Halting> queue(space, 4);
    const Queue<std::string> got(space, 1);
    queue.put({.text = "its own", .when_read = true});
    const Process reader(space, [&] { got.put(queue.get()->text); });
    expect_stop(reader);
    queue.put({.text = "next"});
    EXPECT_EQ(queue.get()->text, "next");
    go_on(reader);
    EXPECT_EQ(got.get(), "its own");
    EXPECT_FALSE(queue.try_get());
}

TEST_F(StoppedProcess, AmidAPipesPutHoldsUpItsEndAlone) {
    const auto [here, there] = make_pipe<Halting>(space, 4);
    const auto& end = there;
    const Process writer(space, [&end] { end.put({.text = "late", .when_written = true}); });
    expect_stop(writer);
    EXPECT_FALSE(here.try_get());
    EXPECT_FALSE(end.put_for({.text = "next"}, soon));
    here.put({.text = "the other direction"});
    EXPECT_EQ(end.get()->text, "the other direction");
    go_on(writer);
    end.put({.text = "next"});
    EXPECT_EQ(here.get()->text, "late");
    EXPECT_EQ(here.get()->text, "next");
}

TEST_F(StoppedProcess, AmidAPipesGetHoldsUpItsEndAlone) {
    const auto [here, there] = make_pipe<Halting>(space, 4);
    const auto& end = there;
    const Queue<std::string> got(space, 1);
    here.put({.text = "its own", .when_read = true});
    const Process reader(space, [&end, &got] { got.put(end.get()->text); });
    expect_stop(reader);
    EXPECT_TRUE(here.try_put({.text = "next"})) << "there is room for more";
    EXPECT_THROW(static_cast<void>(end.get_for(soon)), Timeout);
    end.put({.text = "the other direction"});
    EXPECT_EQ(here.get()->text, "the other direction");
    go_on(reader);
    EXPECT_EQ(got.get(), "its own");
    EXPECT_EQ(end.get()->text, "next");
}

}  // namespace
}  // namespace pinfold::testing
