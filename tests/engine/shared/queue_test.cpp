#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <optional>
#include <pinfold/engine/shared/queue.hpp>
#include <pinfold/pinfold.hpp>
#include <pinfold/shm/crossing.hpp>
#include <pinfold/shm/heap.hpp>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "crews.hpp"
#include "fragile.hpp"
#include "on_each_crew.hpp"

namespace pinfold::testing {
namespace {

using namespace std::chrono_literals;

class QueueOnEachCrew : public OnEachCrew {
  protected:
    /// Calls use() in a worker, or here where the crew is serial.
    template <typename Use>
    void in_a_worker(const Use& use) {
        for_each_chunk(pool, Range{0, 1}, [use](const Chunk&) { use(); });
    }
};
INSTANTIATE_TEST_SUITE_P(Crews, QueueOnEachCrew, ::testing::ValuesIn(all_crews),
                         [](const auto& crew) { return std::string(to_string(crew.param)); });

TEST_P(QueueOnEachCrew, TakesMessagesOfMaps) {
    const Queue<long> squares(pool, 3000);
    for_each_chunk(pool, Range{0, 3000},
                   [squares](const Chunk& chunk) {
                       for (auto i = chunk.begin; i < chunk.end; ++i) {
                           squares.put(static_cast<long>(i * i));
                       }
                   },
                   {.grain = 10});
    EXPECT_EQ(squares.size(), 3000U);
    std::vector<long> got;
    while (const auto square = squares.try_get()) {
        got.push_back(*square);
    }
    std::ranges::sort(got);
    ASSERT_EQ(got.size(), 3000U);
    for (std::size_t i = 0; i < got.size(); ++i) {
        EXPECT_EQ(got[i], static_cast<long>(i * i));
    }
}

TEST_P(QueueOnEachCrew, GivesMessagesToMaps) {
    const Queue<long> numbers(pool, 64);
    const Queue<long> doubles(pool, 1);
    std::thread writer([&] {
        for (long i = 0; i < 1000; ++i) {
            numbers.put(i);
        }
        numbers.close();
    });
    long sum = 0;
    std::thread reader([&] {
        while (const auto twice = doubles.get()) {
            sum += *twice;
        }
    });
    for_each_chunk(pool, Range{0, 3},
                   [numbers, doubles](const Chunk&) {
                       while (const auto number = numbers.get()) {
                           doubles.put(2 * *number);
                       }
                   },
                   {.grain = 1});
    doubles.close();
    writer.join();
    reader.join();
    EXPECT_EQ(sum, 999 * 1000);
}

using Words = std::map<std::string, std::vector<int>>;

Words small_words() {
    return {{"one", {1}}};
}
Words large_words() {
    return {{std::string(1000, 'k'), std::vector<int>(10'000, 7)}, {"", {}}};
}

TEST_P(QueueOnEachCrew, TakesAllThatCrosses) {
    const Queue<Words> queue(pool, 4);
    const std::size_t before = pool.arena()->heap()->used_bytes();
    in_a_worker([queue] {
        queue.put(small_words());
        queue.put(large_words());
    });
    EXPECT_EQ(queue.get(), small_words());
    EXPECT_EQ(queue.get(), large_words());
    EXPECT_EQ(pool.arena()->heap()->used_bytes(), before);
    queue.put(large_words());
    in_a_worker([queue] {
        if (queue.get() != large_words()) {
            throw std::runtime_error("another message");
        }
    });
    EXPECT_EQ(pool.arena()->heap()->used_bytes(), before);
}

struct alignas(64) Aligned {
    std::array<char, 64> text{};
    friend bool operator==(const Aligned&, const Aligned&) = default;
};
struct Large {
    std::array<int, 20'000> numbers{};
};
struct Sign {};

TEST_P(QueueOnEachCrew, TakesPlainBytesOfAnySize) {
    const Queue<char> chars(pool, 2);
    chars.put('x');
    EXPECT_EQ(chars.get(), 'x');
    const Queue<Aligned> lines(pool, 3);
    for (int i = 0; i < 5; ++i) {
        lines.put(Aligned{{'a', static_cast<char>(i)}});
        EXPECT_EQ(lines.get(), (Aligned{{'a', static_cast<char>(i)}}));
    }
    const Queue<Large> arrays(pool, 2);
    auto large = std::make_unique<Large>();
    large->numbers.back() = 3;
    arrays.put(*large);
    EXPECT_EQ(arrays.get()->numbers.back(), 3);
    const Queue<Sign> signs(pool, 2);
    signs.put({});
    EXPECT_TRUE(signs.get());
    const Queue<std::array<int, 3>> triples(pool, 1);
    triples.put({1, 2, 3});
    EXPECT_EQ(triples.get(), (std::array{1, 2, 3}));
}

TEST_P(QueueOnEachCrew, TakesHandles) {
    const Queue<shm::Array<int>> arrays(pool, 2);
    const auto numbers = pool.array({1, 2, 3});
    arrays.put(numbers);
    EXPECT_EQ(arrays.get()->data(), numbers.data());
    const Queue<Queue<int>> queues(pool, 2);
    const Queue<int> answers(pool, 1);
    queues.put(answers);
    in_a_worker([queues] { queues.get()->put(42); });
    EXPECT_EQ(answers.get(), 42);
}

TEST_P(QueueOnEachCrew, TellsTimeOver) {
    const Queue<int> queue(pool, 1);
    EXPECT_EQ(queue.try_get(), std::nullopt);
    EXPECT_THROW(static_cast<void>(queue.get_for(1ms)), Timeout);
    EXPECT_THROW(static_cast<void>(queue.get_for(-1ms)), Timeout);
    EXPECT_THROW(static_cast<void>(queue.lease_for(1ms)), Timeout);
    EXPECT_EQ(queue.try_lease(), std::nullopt);
    EXPECT_TRUE(queue.try_put(1));
    EXPECT_FALSE(queue.try_put(2));
    EXPECT_FALSE(queue.put_for(2, 1ms));
    EXPECT_FALSE(queue.put_for(2, -1ms));
    EXPECT_FALSE(queue.join_for(1ms));
    EXPECT_EQ(queue.get_for(std::chrono::hours::max()), 1);
    for (int i = 0; i < 40; ++i) {
        EXPECT_TRUE(queue.join_for(0ms));
    }
}

TEST_P(QueueOnEachCrew, IsClosedForPutAndDrainedByGet) {
    const Queue<int> queue(pool, 2);
    queue.put(1);
    EXPECT_FALSE(queue.is_closed());
    queue.close();
    queue.close();
    EXPECT_TRUE(queue.is_closed());
    EXPECT_EQ(refusal<QueueClosed>([&] { queue.put(2); }), "Queue::put(): the queue is closed");
    EXPECT_THROW(static_cast<void>(queue.try_put(2)), QueueClosed);
    EXPECT_EQ(queue.get(), 1);
    EXPECT_EQ(queue.get(), std::nullopt);
    EXPECT_EQ(queue.get_for(1s), std::nullopt);
    EXPECT_EQ(queue.lease(), std::nullopt);
    queue.join();
}

TEST_P(QueueOnEachCrew, KeepsWhatIsLeased) {
    const Queue<std::string> queue(pool, 4);
    queue.put("first");
    queue.put("second");
    {
        const auto first = queue.lease();
        EXPECT_EQ(**first, "first");
        EXPECT_EQ((*first)->size(), 5U);
        auto second = queue.lease_for(1s);
        EXPECT_EQ(refusal<std::system_error>([&] { queue.join(); }),
                  "Queue::join(): the calling thread itself has a message that is not done: "
                  "Resource deadlock avoided");
        second->task_done();
        EXPECT_EQ(refusal<std::logic_error>([&] { second->task_done(); }),
                  "Lease::task_done(): the message is done already");
    }
    auto again = queue.try_lease();
    EXPECT_EQ(**again, "first") << "it was dropped";
    auto moved = std::move(*again);
    EXPECT_THROW(again->task_done(), std::logic_error);
    std::thread([&] {
        EXPECT_FALSE(queue.join_for(1ms));
        EXPECT_THROW(moved.task_done(), std::system_error) << "it is another's";
        const auto gone = std::move(moved);
    }).join();
    EXPECT_EQ(queue.try_get(), std::nullopt) << "it stays with the thread that took it";
}

TEST_P(QueueOnEachCrew, JoinsWhenAllIsDone) {
    const Queue<int> queue(pool, 8);
    std::thread worker([&] {
        while (auto job = queue.lease()) {
            std::this_thread::sleep_for(1ms);
            job->task_done();
        }
    });
    for (int i = 0; i < 20; ++i) {
        queue.put(i);
    }
    queue.join();
    EXPECT_EQ(queue.size(), 0U);
    queue.close();
    worker.join();
}

TEST_P(QueueOnEachCrew, GivesALeaseBackThatAThreadLeavesBehind) {
    const Queue<int> queue(pool, 2);
    queue.put(5);
    std::optional<Lease<int>> taken;
    std::thread([&] { taken.emplace(std::move(*queue.lease())); }).join();
    std::thread([&] {  // which has the other's seat
        auto again = queue.lease();
        EXPECT_EQ(**again, 5);
        EXPECT_THROW(taken->task_done(), std::system_error);
        taken.reset();
        EXPECT_EQ(queue.try_get(), std::nullopt);
        again->task_done();
    })
        .join();
}

TEST_P(QueueOnEachCrew, GivesItsMemoryBack) {
    { const Queue<std::string> first(pool, 5); }
    const std::size_t before = pool.arena()->used_bytes();
    for (int i = 0; i < 100; ++i) {
        const Queue<std::string> queue(pool, 5);
        for (int each = 0; each < 5; ++each) {
            queue.put(std::string(1000, 'x'));
        }
        EXPECT_EQ(queue.get()->size(), 1000U);
    }
    EXPECT_EQ(pool.arena()->used_bytes(), before);
}

TEST_P(QueueOnEachCrew, MayOutliveItsPool) {
    std::optional<Queue<std::string>> queue;
    {
        Pool short_lived({.crew = GetParam(), .workers = 1});
        queue.emplace(short_lived, 2);
        queue->put(std::string(500, 'x'));
    }
    EXPECT_EQ(queue->get()->size(), 500U);
}

TEST_P(QueueOnEachCrew, RefusesMisuse) {
    EXPECT_THROW(Queue<int>(pool, 0), std::invalid_argument);
    Queue<int> queue(pool, 1);
    const Queue<int> other = std::move(queue);
    EXPECT_THROW(queue.put(1), std::logic_error);
    EXPECT_THROW(static_cast<void>(queue.size()), std::logic_error);
    other.put(1);
    EXPECT_EQ(other.get(), 1);
}

TEST_P(QueueOnEachCrew, PutsNothingThatCannotBeWritten) {
    for (const std::size_t size : {10U, 1000U}) {
        const Queue<Fragile> queue(pool, 2);
        const std::string text(size, 'x');
        for (int i = 0; i < 3; ++i) {
            EXPECT_THROW(queue.put({.text = text, .is_unwritable = true}), std::runtime_error);
        }
        queue.put({.text = text, .is_unreadable = true});
        EXPECT_THROW(static_cast<void>(queue.get()), std::runtime_error);
        EXPECT_EQ(queue.size(), 1U) << "it is still there";
        EXPECT_THROW(static_cast<void>(queue.get()), std::runtime_error);
    }
}

}  // namespace
}  // namespace pinfold::testing
