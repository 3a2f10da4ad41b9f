// Objects that end while others hold them, wait on them, or are about to come: see "When an object
// ends" in docs/shared_objects.md.
#include <gtest/gtest.h>
#include <signal.h>

#include <array>
#include <chrono>
#include <fstream>
#include <mutex>
#include <optional>
#include <pinfold/engine/shared.hpp>
#include <pinfold/pinfold.hpp>
#include <string>
#include <thread>

#include "dying_workers.hpp"
#include "gate.hpp"
#include "leftovers.hpp"
#include "one_of_each.hpp"
#include "process_tree.hpp"
#include "shared.hpp"

namespace pinfold {
namespace {

using namespace std::chrono_literals;
using testing::eventually;
using testing::Gate;
using testing::OneOfEach;
using testing::View;

class Ends : public testing::NothingLeft {};

/// Whether each of so many threads of the process sleeps in the kernel.
bool all_sleep(int pid, std::size_t threads) {
    const std::string tasks = "/proc/" + std::to_string(pid) + "/task/";
    std::size_t asleep = 0;
    for (const std::string& id : testing::names_in(tasks)) {
        if (id.front() != '.') {
            std::ifstream stat(tasks + id + "/stat");
            std::string line;
            std::getline(stat, line);
            asleep += static_cast<std::size_t>(line.find(") S ") != std::string::npos);
        }
    }
    return asleep == threads;
}

/// A Process that waits on all objects, and ends with what any wait says that is no ObjectEnded.
auto waits_on_all(const OneOfEach& objects, Gate& gate) {
    return [&] {
        const std::string others = testing::wait_on_all<ObjectEnded>(objects, gate);
        if (!others.empty()) {
            throw std::runtime_error(others);
        }
    };
}

TEST_F(Ends, AreToldToAllWhoWaitInTheHostAndInProcesses) {
    const Shared shared;
    const testing::Shared<Gate> gate;
    std::optional<OneOfEach> objects(std::in_place, shared);
    const auto waits = static_cast<std::uint32_t>(objects->waits().size());
    const View view(*objects);
    const Process process(shared, waits_on_all(*objects, *gate));
    std::string others;
    std::thread in_host([&] { others = testing::wait_on_all<ObjectEnded>(*view, *gate); });
    ASSERT_TRUE(gate->wait_for(2 * waits));
    ASSERT_TRUE(eventually([&] { return all_sleep(process.pid(), waits + 1); }));
    std::this_thread::sleep_for(20ms);  // those of the host sleep too
    objects.reset();
    in_host.join();
    process.join();
    EXPECT_EQ(others, "");
    EXPECT_EQ(process.error(), "");
}

/// What asks, or ends what has ended, tells nothing.
void call_what_tells_nothing(const OneOfEach& objects) {
    static_cast<void>(objects.event.is_set());
    static_cast<void>(objects.none.value());
    static_cast<void>(objects.taken.available());
    static_cast<void>(objects.barrier.arrived());
    static_cast<void>(objects.empty.size());
    static_cast<void>(objects.empty.is_closed());
    objects.barrier.reset();
    objects.barrier.abort();
    objects.barrier.leave();
    objects.empty.close();
    objects.pipe.second.close();
}

TEST_F(Ends, AreToldToAllWhoComeLater) {
    const Shared shared;
    const testing::Shared<Gate> gate;
    std::optional<OneOfEach> objects(std::in_place, shared);
    const auto waits = objects->waits().size();
    const View view(*objects);
    const Process process(shared, waits_on_all(*objects, *gate));
    ASSERT_TRUE(eventually([&] { return all_sleep(process.pid(), waits + 1); }));
    kill(process.pid(), SIGSTOP);  // so their memory stays what it is
    objects.reset();
    std::string others;
    for (const auto& [name, call] : view->calls()) {
        try {
            call();
            others += name + " returned; ";
        } catch (const ObjectEnded&) {
            // as it should
        } catch (const std::exception& e) {
            others += name + ": " + e.what() + "; ";
        }
    }
    EXPECT_EQ(others, "");
    EXPECT_NO_THROW(call_what_tells_nothing(*view));
    view->let_go();  // who holds locks and permits goes on
    kill(process.pid(), SIGCONT);
    process.join();
    EXPECT_EQ(process.error(), "");
}

TEST_F(Ends, LetAHolderInAProcessGoOn) {
    const Shared shared;
    const testing::Shared<Gate> gate;
    std::optional<OneOfEach> objects(std::in_place, shared);
    objects->let_go();
    const Process process(shared, [&] {
        const OneOfEach& all = *objects;
        all.mutex.lock();
        all.recursive.lock();
        all.recursive.lock();
        all.shared.lock_shared();
        all.taken.acquire();
        all.array.lock();
        auto lease = all.full.lease();
        all.empty.put(3);
        auto dropped = all.empty.lease();
        gate->pass();
        if (**lease != 1) {
            throw std::runtime_error("its message is gone");
        }
        lease->task_done();
        dropped.reset();
        all.mutex.unlock();
        all.recursive.unlock();
        all.recursive.unlock();
        all.shared.unlock_shared();
        all.taken.release();
        all.array.unlock();
    });
    ASSERT_TRUE(gate->wait_for(1));
    objects.reset();
    gate->open();
    process.join();
    EXPECT_EQ(process.error(), "");
}

TEST_F(Ends, OfWhatADeadProcessHeldAreNothingToItsBurial) {
    const Shared shared;
    { const OneOfEach first(shared); }
    const std::size_t used = shared.arena()->used_bytes();
    for (int i = 0; i < 20; ++i) {
        const testing::Shared<Gate> gate;
        std::optional<OneOfEach> objects(std::in_place, shared);
        objects->let_go();
        const Process process(shared, [&] {
            objects->mutex.lock();
            objects->shared.lock();
            objects->taken.acquire();
            const auto lease = objects->full.lease();
            gate->pass();
        });
        ASSERT_TRUE(gate->wait_for(1));
        objects.reset();
        process.kill();
        process.join();
    }
    const Mutex next(shared);  // gives back what was left
    EXPECT_LE(shared.arena()->used_bytes(), used + 4096) << "their memory came back";
}

/// No atomic.
using Wide = std::array<long, 9>;

TEST_F(Ends, OfAWideValueLetItsWriterGoOnAndTellWhoWaits) {
    const Shared shared;
    const testing::Shared<Gate> gate;
    std::optional<Value<Wide>> value(std::in_place, shared);
    const Process writer(shared, [&] {
        value->update([&](Wide& wide) {
            gate->pass();
            wide.fill(1);
        });
    });
    ASSERT_TRUE(gate->wait_for(1));
    const Process reader(shared, [&] {
        gate->arrive();
        static_cast<void>(value->load());
    });
    ASSERT_TRUE(gate->wait_for(2));
    ASSERT_TRUE(eventually([&] { return all_sleep(reader.pid(), 1); }));
    value.reset();
    reader.join();
    EXPECT_EQ(reader.error().substr(0, 20), "pinfold::ObjectEnded") << reader.error();
    gate->open();
    writer.join();
    EXPECT_EQ(writer.error(), "");
}

TEST_F(Ends, OfASharedAreThoseOfItsObjects) {
    std::optional<Shared> shared(std::in_place);
    const Mutex mutex(*shared);
    const Queue<int> queue(*shared, 4);
    mutex.lock();
    const Process process(*shared, [&] {
        const std::lock_guard guard(mutex);
        queue.put(1);
    });
    shared.reset();
    mutex.unlock();
    EXPECT_EQ(queue.get(), 1);
    process.join();
    EXPECT_EQ(process.exit_code(), 0);
}

}  // namespace
}  // namespace pinfold
