#include <pinfold/shm/parties/shared_word.hpp>

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <latch>
#include <thread>
#include <vector>

#include "parties/shared_roster.hpp"

namespace pinfold::shm {
namespace {

using testing::SharedRoster;

constexpr std::uint32_t seats = 130;  // more than two words of bits hold

class Shared : public ::testing::Test {
  protected:
    [[nodiscard]] Taken write(Until until = for_ever, bool accepts_abandoned = false) {
        return word.take(roster, until, accepts_abandoned);
    }
    [[nodiscard]] Taken read(Until until = for_ever, bool accepts_abandoned = false) {
        return word.take_shared(roster, until, accepts_abandoned);
    }

    /// A child that has the word as `take` says, and stays so until it is killed.
    template <typename Take>
    [[nodiscard]] std::unique_ptr<ChildProcess> start_holder(ProcessNumber number, Take take) {
        auto& has_it = shared.make<std::atomic<int>>();
        auto child = shared.start(number, [&has_it, take] {
            has_it = take() == Taken::yes ? 1 : 2;
            pause();
            return 1;
        });
        while (has_it == 0) {
            std::this_thread::yield();
        }
        EXPECT_EQ(has_it, 1);
        return child;
    }

    SharedRoster shared{seats};
    Roster& roster = shared.roster();
    SharedWord& word = SharedWord::make(shared.zeros(SharedWord::bytes_for(seats)), seats);
};

TEST_F(Shared, IsReadByManyAndWrittenByOne) {
    EXPECT_EQ(read(), Taken::yes);
    std::thread([&] {
        EXPECT_EQ(write(at_once), Taken::no_time);
        EXPECT_EQ(write(after(std::chrono::milliseconds(3))), Taken::no_time);
        EXPECT_EQ(read(), Taken::yes);
        EXPECT_TRUE(word.let_go_shared(roster));
    }).join();
    EXPECT_TRUE(word.let_go_shared(roster));
    EXPECT_EQ(write(at_once), Taken::yes);
    std::thread([&] {
        EXPECT_EQ(read(at_once), Taken::no_time);
        EXPECT_EQ(read(after(std::chrono::milliseconds(3))), Taken::no_time);
        EXPECT_EQ(write(at_once), Taken::no_time);
        EXPECT_FALSE(word.let_go(roster)) << "it is another's";
    }).join();
    EXPECT_TRUE(word.let_go(roster));
}

TEST_F(Shared, RefusesWhoeverHasItAlready) {
    EXPECT_EQ(read(), Taken::yes);
    EXPECT_EQ(read(), Taken::no_own);
    EXPECT_EQ(write(), Taken::no_own);
    EXPECT_TRUE(word.let_go_shared(roster));
    EXPECT_FALSE(word.let_go_shared(roster));
    EXPECT_EQ(write(), Taken::yes);
    EXPECT_EQ(read(), Taken::no_own);
    EXPECT_EQ(write(), Taken::no_own);
    EXPECT_FALSE(word.let_go_shared(roster));
    EXPECT_TRUE(word.let_go(roster));
}

TEST_F(Shared, HasABitForEachSeat) {
    constexpr int threads = 100;
    std::latch all(threads);
    std::vector<std::jthread> readers;
    for (int i = 0; i < threads; ++i) {
        readers.emplace_back([&] {
            EXPECT_EQ(read(), Taken::yes);
            all.arrive_and_wait();
            EXPECT_EQ(write(at_once), Taken::no_own);
            EXPECT_TRUE(word.let_go_shared(roster));
        });
    }
    readers.clear();
    EXPECT_EQ(write(at_once), Taken::yes);
    EXPECT_TRUE(word.let_go(roster));
}

TEST_F(Shared, KeepsWritersApartFromAllInEveryProcess) {
    constexpr int processes = 4;
    constexpr int turns = 5000;
    struct Pair {
        int first = 0;
        int second = 0;
    };
    Pair& pair = shared.make<Pair>();
    std::vector<std::unique_ptr<ChildProcess>> children;
    for (int number = 1; number <= processes; ++number) {
        children.push_back(shared.start(static_cast<ProcessNumber>(number), [&, number] {
            for (int turn = 0; turn < turns; ++turn) {
                if ((turn + number) % 4 == 0) {
                    if (write() != Taken::yes) {
                        return 1;
                    }
                    ++pair.first;
                    ++pair.second;
                    static_cast<void>(word.let_go(roster));
                } else {
                    if (read() != Taken::yes || pair.first != pair.second) {
                        return 2;
                    }
                    static_cast<void>(word.let_go_shared(roster));
                }
            }
            return 0;
        }));
    }
    for (const auto& child : children) {
        EXPECT_EQ(child->exit_code(), 0);
    }
    EXPECT_EQ(pair.first, turns * processes / 4);
}

TEST_F(Shared, LosesNothingWithAReaderWhoDies) {
    const auto reader = start_holder(1, [&] { return read(); });
    auto writer = shared.start(2, [&] { return write() == Taken::yes ? 0 : 1; });
    usleep(10'000);
    EXPECT_FALSE(writer->has_ended());
    shared.kill(*reader, 1);
    EXPECT_EQ(writer->exit_code(), 0) << "nothing is abandoned by a reader";
    EXPECT_EQ(read(at_once), Taken::no_time) << "the writer is not buried yet";
    roster.bury(2);
    EXPECT_EQ(read(), Taken::no_abandoned);
    EXPECT_EQ(write(), Taken::no_abandoned);
}

TEST_F(Shared, TellsReadersAndWritersOfAWriterWhoDied) {
    const auto owner = start_holder(1, [&] { return write(); });
    auto reader = shared.start(2, [&] { return read() == Taken::no_abandoned ? 0 : 1; });
    auto writer = shared.start(3, [&] { return write() == Taken::no_abandoned ? 0 : 1; });
    usleep(10'000);
    shared.kill(*owner, 1);
    EXPECT_EQ(reader->exit_code(), 0);
    EXPECT_EQ(writer->exit_code(), 0);
    EXPECT_FALSE(word.make_consistent(roster));
    EXPECT_EQ(write(for_ever, true), Taken::yes_abandoned);
    EXPECT_TRUE(word.let_go(roster));
    EXPECT_EQ(read(for_ever, true), Taken::yes_abandoned);
    EXPECT_TRUE(word.make_consistent(roster));
    std::thread([&] {
        EXPECT_EQ(read(), Taken::yes);
        EXPECT_TRUE(word.let_go_shared(roster));
    }).join();
    EXPECT_TRUE(word.let_go_shared(roster));
}

TEST_F(Shared, IsWholeAfterAWriterWhoDiedBeforeItsTurn) {
    EXPECT_EQ(read(), Taken::yes);
    auto writer = shared.start(1, [&] { return write() == Taken::yes ? 0 : 1; });
    auto reader = shared.start(2, [&] {
        while (read(at_once) == Taken::yes) {  // until the writer waits for this thread's parent
            static_cast<void>(word.let_go_shared(roster));
        }
        return read() == Taken::yes ? 0 : 1;
    });
    usleep(10'000);
    shared.kill(*writer, 1);
    EXPECT_EQ(reader->exit_code(), 0);
    roster.bury(2);
    EXPECT_TRUE(word.let_go_shared(roster));
    EXPECT_EQ(write(), Taken::yes);
    EXPECT_TRUE(word.let_go(roster));
}

TEST_F(Shared, EndsForAll) {
    const auto owner = start_holder(1, [&] { return read(); });
    auto writer = shared.start(2, [&] { return write() == Taken::no_more ? 0 : 1; });
    auto reader = shared.start(3, [&] {
        while (read(at_once) == Taken::yes) {
            static_cast<void>(word.let_go_shared(roster));
        }
        return read() == Taken::no_more ? 0 : 1;
    });
    usleep(10'000);
    word.end();
    EXPECT_EQ(writer->exit_code(), 0);
    EXPECT_EQ(reader->exit_code(), 0);
    EXPECT_TRUE(word.let_go_shared(roster)) << "does nothing";
    EXPECT_TRUE(word.let_go(roster)) << "does nothing";
}

TEST_F(Shared, IsWaitedForNoLongerWhenNobodyBuriesAnyMore) {
    EXPECT_EQ(read(), Taken::yes);
    auto writer = shared.start(1, [&] { return write() == Taken::no_broken ? 0 : 1; });
    usleep(10'000);
    roster.break_up();
    EXPECT_EQ(writer->exit_code(), 0);
    EXPECT_TRUE(word.let_go_shared(roster));
}

}  // namespace
}  // namespace pinfold::shm
