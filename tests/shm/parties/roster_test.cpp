#include <gtest/gtest.h>

#include <atomic>
#include <cstring>
#include <latch>
#include <pinfold/shm/parties/owner_word.hpp>
#include <set>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <vector>

#include "parties/shared_roster.hpp"

namespace pinfold::shm {
namespace {

using testing::SharedRoster;

TEST(Roster, GivesEachThreadASeatForItsLife) {
    SharedRoster shared;
    detail::Seat& mine = shared.roster().seat();
    EXPECT_EQ(&shared.roster().seat(), &mine);
    std::thread([&] { EXPECT_NE(&shared.roster().seat(), &mine); }).join();
    EXPECT_EQ(shared.roster().taken_seats(), 1U);
}

TEST(Roster, GivesDifferentSeatsToThreadsThatLiveAtTheSameTime) {
    constexpr int threads = 8;
    SharedRoster shared;
    std::latch all(threads);
    std::vector<detail::Seat*> seats(threads);
    {
        std::vector<std::jthread> running;
        for (detail::Seat*& seat : seats) {
            running.emplace_back([&] {
                seat = &shared.roster().seat();
                all.arrive_and_wait();
            });
        }
    }
    EXPECT_EQ(std::set(seats.begin(), seats.end()).size(), seats.size());
    EXPECT_EQ(shared.roster().taken_seats(), 0U);
}

TEST(Roster, SaysWhichLimitAThreadWithoutASeatMeets) {
    SharedRoster shared(1);
    static_cast<void>(shared.roster().seat());
    std::thread([&] {
        try {
            static_cast<void>(shared.roster().seat());
            ADD_FAILURE() << "there is no second seat";
        } catch (const std::system_error& error) {
            EXPECT_EQ(error.code(), std::errc::resource_unavailable_try_again);
            EXPECT_NE(std::string(error.what()).find("all 1 seats"), std::string::npos);
        }
    }).join();
}

TEST(Roster, RefusesSizesBeyondItsLimits) {
    Arena arena({.bytes = std::size_t{1} << 20});
    void* const memory = arena.allocate(Roster::bytes_for(1));
    EXPECT_THROW(static_cast<void>(Roster::make(memory, 0)), std::invalid_argument);
    EXPECT_THROW(static_cast<void>(Roster::make(memory, most_seats + 1)), std::invalid_argument);
}

TEST(Roster, RefusesAChildThatNobodyRegistered) {
    SharedRoster shared;
    static_cast<void>(shared.roster().seat());
    ChildProcess child([&] {
        try {
            static_cast<void>(shared.roster().seat());
            return 1;
        } catch (const std::logic_error&) {
            return shared.roster().is_entered() ? 2 : 0;
        }
    });
    EXPECT_EQ(child.exit_code(), 0);
    EXPECT_TRUE(shared.roster().is_entered());
}

TEST(Roster, TellsItsOwnFromAnotherOnTheSamePlace) {
    Arena arena({.bytes = std::size_t{1} << 20});
    void* const memory = arena.allocate(Roster::bytes_for(4));
    for (int life = 0; life < 3; ++life) {
        std::memset(memory, 0, Roster::bytes_for(4));
        Roster& roster = Roster::make(memory, 4);
        EXPECT_EQ(roster.taken_seats(), 0U);
        static_cast<void>(roster.seat());
        EXPECT_EQ(roster.taken_seats(), 1U);
        roster.close();
    }
}

TEST(Roster, LeavesThreadsAloneThatEndAfterIt) {
    std::latch is_seated(1);
    std::latch is_closed(1);
    std::thread late;
    {
        SharedRoster shared;
        late = std::thread([&] {
            static_cast<void>(shared.roster().seat());
            is_seated.count_down();
            is_closed.wait();
        });
        is_seated.wait();
    }
    is_closed.count_down();
    late.join();
}

TEST(Roster, GivesUpTheSeatsOfAProcessAtItsBurial) {
    SharedRoster shared;
    auto child = shared.start(3, [&] {
        static_cast<void>(shared.roster().seat());
        std::thread([&] {
            static_cast<void>(shared.roster().seat());
            _exit(0);
        }).join();
        return 1;
    });
    EXPECT_EQ(child->exit_code(), 0);
    EXPECT_EQ(shared.roster().taken_seats(), 2U);
    shared.roster().bury(2);
    EXPECT_EQ(shared.roster().taken_seats(), 2U) << "another's burial";
    shared.roster().bury(3);
    EXPECT_EQ(shared.roster().taken_seats(), 0U);
}

}  // namespace
}  // namespace pinfold::shm
