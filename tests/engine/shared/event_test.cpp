#include <pinfold/engine/shared/event.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <pinfold/pinfold.hpp>
#include <thread>

#include "crews.hpp"
#include "dying_workers.hpp"
#include "on_each_crew.hpp"

namespace pinfold::testing {
namespace {

using namespace std::chrono_literals;

class EventOnEachCrew : public OnEachCrew {};
INSTANTIATE_TEST_SUITE_P(Crews, EventOnEachCrew, ::testing::ValuesIn(all_crews),
                         [](const auto& crew) { return std::string(to_string(crew.param)); });

TEST_P(EventOnEachCrew, LetsMapsGoOn) {
    const Event begin(pool);
    const Event end(pool);
    std::thread host([&] {
        std::this_thread::sleep_for(5ms);
        begin.set();
        end.wait();
    });
    for_each_chunk(pool, Range{0, 10},
                   [begin, end](const Chunk&) {
                       begin.wait();
                       end.set();
                   },
                   {.grain = 1});
    host.join();
    EXPECT_TRUE(begin.is_set());
}

TEST_P(EventOnEachCrew, IsSetOrNot) {
    const Event event(pool);
    EXPECT_FALSE(event.is_set());
    EXPECT_FALSE(event.wait_for(1ms));
    EXPECT_FALSE(event.wait_for(-1ms));
    EXPECT_FALSE(event.wait_until(std::chrono::system_clock::now() + 1ms));
    event.set();
    event.set();
    EXPECT_TRUE(event.wait_for(0ms));
    event.wait();
    event.clear();
    EXPECT_FALSE(event.is_set());
}

TEST_P(EventOnEachCrew, EndsForThoseWhoWait) {
    std::optional<Event> event(std::in_place, pool);
    const View view(*event);
    std::thread waiter = start_to_wait([&] { EXPECT_THROW(view->wait(), ObjectEnded); });
    event.reset();
    waiter.join();
}

TEST(EventOfProcesses, StaysSetByAWorkerThatDied) {
    Pool pool({.crew = Crew::processes, .workers = 2});
    const Event event(pool);
    std::thread waiter = start_to_wait([&] { event.wait(); });
    die_after(pool, [event] { event.set(); });
    waiter.join();
    EXPECT_TRUE(event.is_set());
}

}  // namespace
}  // namespace pinfold::testing
