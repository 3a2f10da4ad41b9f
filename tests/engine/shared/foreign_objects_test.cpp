// Objects that a Process has no part in: those of a Pool or a Shared that was made after it, those
// of its own, and those that it would make in its maker's.
#include <gtest/gtest.h>
#include <signal.h>

#include <array>
#include <cstddef>
#include <memory>
#include <new>
#include <optional>
#include <pinfold/engine/shared.hpp>
#include <pinfold/pinfold.hpp>
#include <pinfold/shm/crossing.hpp>
#include <string>
#include <type_traits>

#include "gate.hpp"
#include "leftovers.hpp"
#include "process_tree.hpp"
#include "refused_call.hpp"
#include "shared.hpp"

namespace pinfold {
namespace {

using testing::Gate;

class ForeignObjects : public testing::NothingLeft {};

constexpr const char* made_later =
    "SIGSEGV: it used an object of a Pool or a Shared that was made after it; make that first";

/// How a Process ends that calls `use` on a handle which is made in a later space, by `make`, in
/// memory that the test shares with it.
template <typename Handle, typename Make, typename Use>
std::string end_of_user(const Make& make, const Use& use) {
    const testing::Shared<Gate> gate;
    const testing::Shared<std::array<std::byte, 256>> place;
    static_assert(sizeof(Handle) <= 256);
    auto* const handle = reinterpret_cast<Handle*>(place->data());
    const Shared shared;
    const Process process(shared, [&] {
        testing::bar_core_files();
        gate->pass();
        use(*handle);
    });
    static_cast<void>(gate->wait_for(1));
    const Shared later;
    new (handle) Handle(make(later));
    gate->open();
    process.join();
    std::destroy_at(handle);
    return std::to_string(process.exit_code().value()) + " " + process.error();
}

TEST_F(ForeignObjects, OfALaterSpaceEndAProcessThatIsToldWhy) {
    const std::string told = std::to_string(-SIGSEGV) + " " + made_later;
    EXPECT_EQ(end_of_user<Mutex>([](const Shared& later) { return Mutex(later); },
                                 [](const Mutex& mutex) { mutex.lock(); }),
              told);
    EXPECT_EQ(end_of_user<Queue<int>>([](const Shared& later) { return Queue<int>(later, 4); },
                                      [](const Queue<int>& queue) { queue.put(1); }),
              told);
    EXPECT_EQ(end_of_user<Value<int>>([](const Shared& later) { return Value<int>(later); },
                                      [](const Value<int>& value) { ++value; }),
              told);
    EXPECT_EQ(end_of_user<PipeEnd<int>>(
                  [](const Shared& later) { return make_pipe<int>(later, 4).first; },
                  [](const PipeEnd<int>& end) { static_cast<void>(end.try_get()); }),
              told);
    EXPECT_EQ(end_of_user<Event>([](const Shared& later) { return Event(later); },
                                 [](const Event& event) { const Event copy = event; }),
              told);
}

TEST_F(ForeignObjects, AreNotWhatAnyCrashIsAbout) {
    const Shared shared;
    const Process crashed(shared, [] {
        testing::bar_core_files();
        *reinterpret_cast<volatile int*>(std::size_t{64}) = 1;
    });
    const Process signalled(shared, [] {
        testing::bar_core_files();
        raise(SIGSEGV);
    });
    for (const Process* const each : {&crashed, &signalled}) {
        each->join();
        EXPECT_EQ(each->exit_code(), -SIGSEGV);
        EXPECT_EQ(each->error(), "");
    }
}

TEST_F(ForeignObjects, OfALaterSpaceComeThroughNoQueue) {
    const Shared shared;
    const Queue<Queue<int>> handles(shared, 4);
    const Queue<shm::Array<int>> arrays(shared, 4);
    const Event is_there(shared);
    const Process of_queue(shared, [&] {
        is_there.wait();
        static_cast<void>(handles.get());
    });
    const Process of_array(shared, [&] {
        is_there.wait();
        static_cast<void>(arrays.get());
    });
    const Shared later;
    handles.put(Queue<int>(later, 4));
    arrays.put(shm::Array<int>(later.arena(), 4));
    is_there.set();
    for (const Process* const each : {&of_queue, &of_array}) {
        each->join();
        EXPECT_EQ(each->exit_code(), 1);
        EXPECT_NE(each->error().find("a handle of what this process does not have in its memory"),
                  std::string::npos)
            << each->error();
    }
    EXPECT_EQ(handles.size(), 1U) << "the message is there for others";
    EXPECT_EQ(arrays.size(), 1U);
}

TEST_F(ForeignObjects, OfTheSameSpaceAreNoneHoweverLateTheyAre) {
    const Shared shared;
    const testing::Shared<Gate> gate;
    const testing::Shared<std::array<std::byte, 64>> place;
    auto* const later = reinterpret_cast<Queue<int>*>(place->data());
    const Process process(shared, [&] {
        gate->pass();
        later->put(42);
    });
    ASSERT_TRUE(gate->wait_for(1));
    new (later) Queue<int>(shared, 4);
    gate->open();
    EXPECT_EQ(later->get(), 42);
    process.join();
    std::destroy_at(later);
}

TEST_F(ForeignObjects, AreMadeInASpaceByItsMakerAlone) {
    const Shared shared;
    const auto refused = [&](const auto& make) {
        const Process process(shared, make);
        process.join();
        return process.error();
    };
    const auto begins = [](const std::string& text) {
        return text.starts_with("std::logic_error: ") &&
               text.find("process that made") != std::string::npos;
    };
    EXPECT_TRUE(begins(refused([&] { const Mutex made(shared); })));
    EXPECT_TRUE(begins(refused([&] { const Queue<int> made(shared, 4); })));
    EXPECT_TRUE(begins(refused([&] { const Value<int> made(shared); })));
    EXPECT_TRUE(begins(refused([&] { const LockedArray<int> made(shared, 4); })));
    EXPECT_TRUE(begins(refused([&] { const auto made = make_pipe<int>(shared, 4); })));
    EXPECT_TRUE(begins(refused([&] { const Process made(shared, [] {}); })));
}

// Whatever it makes of its own is a space as any.
TEST_F(ForeignObjects, AreMadeByAProcessInASpaceOfItsOwn) {
    const Shared shared;
    const Queue<int> answers(shared, 4);
    const Process process(shared, [&] {
        const Shared own;
        const Queue<int> jobs(own, 4);
        const Queue<int> doubled(own, 4);
        const Process inner(own, [&] { doubled.put(2 * jobs.get().value()); });
        jobs.put(21);
        inner.join();
        answers.put(doubled.get().value());
    });
    process.join();
    EXPECT_EQ(process.error(), "");
    EXPECT_EQ(answers.try_get(), 42);
}

// Of a Process's Process, its maker's maker knows nothing: it takes no part.
TEST_F(ForeignObjects, AreThoseOfItsMakersMaker) {
    const Shared shared;
    const Mutex mutex(shared);
    const Process process(shared, [&] {
        const Shared own;
        const Process inner(own, [&] { mutex.lock(); });
        inner.join();
        throw std::runtime_error(inner.error());
    });
    process.join();
    EXPECT_NE(process.error().find("takes no part in this object's space"), std::string::npos)
        << process.error();
}

}  // namespace
}  // namespace pinfold
