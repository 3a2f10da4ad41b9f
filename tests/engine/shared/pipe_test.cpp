#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <pinfold/engine/shared.hpp>
#include <pinfold/pinfold.hpp>
#include <pinfold/shm/crossing.hpp>
#include <pinfold/shm/heap.hpp>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "crews.hpp"
#include "fragile.hpp"
#include "gate.hpp"
#include "on_each_crew.hpp"
#include "process_tree.hpp"
#include "shared.hpp"

namespace pinfold {
namespace {

using namespace std::chrono_literals;
using testing::eventually;
using testing::Fragile;
using testing::Gate;
using testing::refusal;

constexpr const char* gone =
    "PipeEnd::put(): the other end is closed, or all processes that used it have ended: "
    "Broken pipe";

class PipeOnEachCrew : public testing::OnEachCrew {
  protected:
    /// Calls use() in a worker, or here where the crew is serial.
    template <typename Use>
    void in_a_worker(const Use& use) {
        for_each_chunk(pool, Range{0, 1}, [use](const Chunk&) { use(); });
    }
};
INSTANTIATE_TEST_SUITE_P(Crews, PipeOnEachCrew, ::testing::ValuesIn(testing::all_crews),
                         [](const auto& crew) { return std::string(to_string(crew.param)); });

TEST_P(PipeOnEachCrew, CarriesMessagesBothWaysInTheirOrder) {
    const auto [asker, teller] = make_pipe<long>(pool, 4);
    const Process twice(pool, [end = teller] {
        while (const auto number = end.get()) {
            end.put(2 * *number);
        }
        end.put(-1);  // nobody of the other end would come
    });
    for (long i = 0; i < 5000; ++i) {
        asker.put(i);
        ASSERT_EQ(asker.get(), 2 * i);
    }
    asker.close();
    twice.join();
    EXPECT_EQ(twice.exit_code(), 1);
    EXPECT_NE(twice.error().find(gone), std::string::npos) << twice.error();
    EXPECT_EQ(asker.get(), std::nullopt);
}

TEST_P(PipeOnEachCrew, CarriesMessagesOfMaps) {
    const auto [here, there] = make_pipe<long>(pool, 16);
    std::vector<long> got;
    std::thread reader([&got, end = here] {
        while (const auto number = end.get()) {
            got.push_back(*number);
        }
    });
    for_each_chunk(pool, Range{0, 3000},
                   [end = there](const Chunk& chunk) {
                       for (auto i = chunk.begin; i < chunk.end; ++i) {
                           end.put(static_cast<long>(i));
                       }
                   },
                   {.grain = 10});
    there.close();
    reader.join();
    std::ranges::sort(got);
    ASSERT_EQ(got.size(), 3000U);
    for (std::size_t i = 0; i < got.size(); ++i) {
        EXPECT_EQ(got[i], static_cast<long>(i));
    }
}

TEST_P(PipeOnEachCrew, GivesMessagesToMaps) {
    const auto [here, there] = make_pipe<long>(pool, 16);
    std::thread writer([end = here] {
        for (long i = 1; i <= 1000; ++i) {
            end.put(i);
        }
        end.close();
    });
    const auto sum = map_reduce(
        pool, Range{0, 3},
        [end = there](const Chunk&) {
            long part = 0;
            while (const auto number = end.get()) {
                part += *number;
            }
            return part;
        },
        [](long a, long b) { return a + b; }, {.grain = 1});
    writer.join();
    EXPECT_EQ(sum.value, 500'500);
}

using Words = std::map<std::string, std::vector<int>>;

Words small_words() {
    return {{"one", {1}}};
}
Words large_words() {
    return {{std::string(1000, 'k'), std::vector<int>(10'000, 7)}, {"", {}}};
}

TEST_P(PipeOnEachCrew, CarriesAllThatCrosses) {
    const auto [here, there] = make_pipe<Words, std::string>(pool, 4);
    const std::size_t before = pool.arena()->heap()->used_bytes();
    here.put(small_words());
    here.put(large_words());
    in_a_worker([end = there] {
        const bool is_right = end.get() == small_words() && end.get() == large_words();
        end.put(is_right ? std::string(5000, 'r') : "wrong");
    });
    EXPECT_EQ(here.get(), std::string(5000, 'r'));
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

TEST_P(PipeOnEachCrew, CarriesPlainBytesOfAnySize) {
    const auto [reader, writer] = make_one_way_pipe<char>(pool, 3);
    for (const char each : {'a', 'b', 'c', 'd', 'e'}) {
        writer.put(each);
        EXPECT_EQ(reader.get(), each);
    }
    const auto [lines, teller] = make_one_way_pipe<Aligned>(pool, 3);
    for (char i = 0; i < 5; ++i) {
        teller.put(Aligned{{'a', i}});
        EXPECT_EQ(lines.get(), (Aligned{{'a', i}}));
    }
    const auto [arrays, filler] = make_one_way_pipe<Large>(pool, 2);
    auto large = std::make_unique<Large>();
    large->numbers.back() = 3;
    filler.put(*large);
    EXPECT_EQ(arrays.get()->numbers.back(), 3);
    const auto [signs, signer] = make_one_way_pipe<Sign>(pool, 1);
    signer.put({});
    EXPECT_TRUE(signs.get());
}

TEST_P(PipeOnEachCrew, CarriesHandles) {
    const auto [here, there] = make_pipe<PipeWriter<int>>(pool, 2);
    const auto [answers, answerer] = make_one_way_pipe<int>(pool, 1);
    here.put(answerer);
    in_a_worker([end = there] { end.get()->put(42); });
    EXPECT_EQ(answers.get(), 42);
}

TEST_P(PipeOnEachCrew, TellsTimeOver) {
    const auto [reader, writer] = make_one_way_pipe<int>(pool, 3);
    EXPECT_EQ(reader.try_get(), std::nullopt);
    EXPECT_THROW(static_cast<void>(reader.get_for(1ms)), Timeout);
    EXPECT_THROW(static_cast<void>(reader.get_for(-1ms)), Timeout);
    for (const int i : {1, 2, 3}) {
        EXPECT_TRUE(writer.try_put(i));
    }
    EXPECT_FALSE(writer.try_put(4));
    EXPECT_FALSE(writer.put_for(4, 1ms));
    EXPECT_FALSE(writer.put_for(4, -1ms));
    EXPECT_EQ(reader.size(), 3U);
    EXPECT_EQ(reader.get_for(1ms), 1);
    EXPECT_TRUE(writer.put_for(4, 1h));
    EXPECT_EQ(reader.get_for(std::chrono::hours::max()), 2);
}

TEST_P(PipeOnEachCrew, IsClosedByEitherEnd) {
    const auto [here, there] = make_pipe<int>(pool, 4);
    here.put(1);
    there.put(2);
    here.close();
    here.close();
    EXPECT_TRUE(here.is_closed());
    EXPECT_TRUE(there.is_other_gone());
    EXPECT_FALSE(here.is_other_gone());
    EXPECT_EQ(refusal<BrokenPipe>([&, end = here] { end.put(3); }),
              "PipeEnd::put(): this end is closed: Broken pipe");
    EXPECT_EQ(refusal<BrokenPipe>([&, end = there] { end.put(3); }), gone);
    EXPECT_THROW(static_cast<void>(there.try_put(3)), BrokenPipe);
    EXPECT_THROW(static_cast<void>(there.put_for(3, 1s)), BrokenPipe);
    EXPECT_EQ(there.get(), 1) << "it was put before";
    EXPECT_EQ(there.get(), std::nullopt);
    EXPECT_EQ(there.get_for(1s), std::nullopt);
    EXPECT_EQ(here.get(), 2);
    EXPECT_EQ(here.get(), std::nullopt);
}

TEST_P(PipeOnEachCrew, TellsThoseWhoWaitOfAClose) {
    const auto [here, there] = make_pipe<int>(pool, 1);
    std::atomic<int> told = 0;
    std::vector<std::thread> waiters;
    for (int i = 0; i < 3; ++i) {
        waiters.emplace_back([&told, end = here] {
            EXPECT_EQ(end.get_for(1h).value_or(7), 7);
            ++told;
        });
        waiters.emplace_back([&told, end = there] {
            EXPECT_THROW(
                for (;;) { end.put(7); }, BrokenPipe);
            ++told;
        });
    }
    std::this_thread::sleep_for(5ms);
    here.close();
    for (std::thread& each : waiters) {
        each.join();
    }
    EXPECT_EQ(told, 6);
}

TEST_P(PipeOnEachCrew, GivesItsMemoryBack) {
    { const auto ends = make_pipe<std::string>(pool, 5); }
    const std::size_t before = pool.arena()->used_bytes();
    for (int i = 0; i < 100; ++i) {
        const auto [here, there] = make_pipe<std::string>(pool, 5);
        for (int each = 0; each < 5; ++each) {
            here.put(std::string(1000, 'x'));
            there.put(std::string(1000, 'y'));
        }
        EXPECT_EQ(here.get()->size(), 1000U);
    }
    EXPECT_EQ(pool.arena()->used_bytes(), before);
}

TEST_P(PipeOnEachCrew, MayOutliveItsPool) {
    std::optional<PipeEnd<std::string>> here;
    std::optional<PipeEnd<std::string>> there;
    {
        Pool short_lived({.crew = GetParam(), .workers = 1});
        auto ends = make_pipe<std::string>(short_lived, 2);
        here.emplace(ends.first);
        there.emplace(ends.second);
        here->put(std::string(500, 'x'));
    }
    EXPECT_EQ(there->get()->size(), 500U);
}

TEST_P(PipeOnEachCrew, RefusesMisuse) {
    EXPECT_THROW(static_cast<void>(make_pipe<int>(pool, 0)), std::invalid_argument);
    EXPECT_THROW(static_cast<void>(make_one_way_pipe<int>(pool, (1U << 23) + 1)),
                 std::invalid_argument);
    auto [here, there] = make_pipe<int>(pool, 1);
    const auto other = std::move(here);
    EXPECT_THROW(here.put(1), std::logic_error);
    EXPECT_THROW(here.close(), std::logic_error);
    other.put(1);
    EXPECT_EQ(there.get(), 1);
}

TEST_P(PipeOnEachCrew, PutsNothingThatCannotBeWritten) {
    for (const std::size_t size : {10U, 1000U}) {
        const auto [reader, writer] = make_one_way_pipe<Fragile>(pool, 2);
        const std::string text(size, 'x');
        for (int i = 0; i < 3; ++i) {
            EXPECT_THROW(writer.put({.text = text, .is_unwritable = true}), std::runtime_error);
        }
        EXPECT_EQ(reader.try_get().has_value(), false);
        writer.put({.text = text, .is_unreadable = true});
        EXPECT_THROW(static_cast<void>(reader.get()), std::runtime_error);
        EXPECT_EQ(reader.size(), 1U) << "it is still there";
        EXPECT_THROW(static_cast<void>(reader.get()), std::runtime_error);
    }
}

struct Nested {
    const PipeWriter<Nested>* writer = nullptr;
    std::string text{};

    template <typename Archive>
    void save(Archive& archive) const {
        if (writer != nullptr) {
            writer->put({});
        }
        archive(text);
    }
    template <typename Archive>
    void load(Archive& archive) {
        archive(text);
    }
};

TEST_P(PipeOnEachCrew, RefusesAMessageInTheMiddleOfAnother) {
    const auto [reader, writer] = make_one_way_pipe<Nested>(pool, 2);
    const auto same = writer;
    const auto error = refusal<std::system_error>([&, end = writer] { end.put({&same}); });
    EXPECT_EQ(error,
              "PipeEnd::put(): the calling thread is in the middle of another message: Resource "
              "deadlock avoided");
    writer.put({});
    EXPECT_TRUE(reader.get());
}

/// All of it is one number, and not read in one go.
struct Wide {
    std::array<std::uint64_t, 40> same{};

    Wide() = default;
    explicit Wide(std::uint64_t number) { same.fill(number); }
    [[nodiscard]] bool is_whole() const {
        return std::ranges::all_of(same, [&](std::uint64_t each) { return each == same[0]; });
    }
};

TEST_P(PipeOnEachCrew, KeepsMessagesWholeWhenThreadsShareItsEnds) {
    const auto [here, there] = make_pipe<Wide>(pool, 8);
    constexpr std::uint64_t each_puts = 4000;
    constexpr std::uint64_t threads = 3;
    std::atomic<std::uint64_t> sum = 0;
    std::vector<std::thread> crowd;
    for (std::uint64_t thread = 0; thread < threads; ++thread) {
        crowd.emplace_back([end = here] {
            for (std::uint64_t i = 1; i <= each_puts; ++i) {
                end.put(Wide(i));
            }
        });
        crowd.emplace_back([&sum, end = there] {
            std::uint64_t last_sum = 0;
            while (const auto message = end.get()) {
                ASSERT_TRUE(message->is_whole());
                last_sum += message->same[0];
            }
            sum += last_sum;
        });
    }
    for (std::size_t i = 0; i < crowd.size(); i += 2) {
        crowd[i].join();
    }
    here.close();
    for (std::size_t i = 1; i < crowd.size(); i += 2) {
        crowd[i].join();
    }
    EXPECT_EQ(sum, threads * each_puts * (each_puts + 1) / 2);
}

TEST_P(PipeOnEachCrew, HasGoneWithTheLastProcessThatUsedIt) {
    const auto [here, there] = make_pipe<int>(pool, 4);
    const testing::Shared<Gate> gate;
    const auto tell = [&, end = there](int number) {
        end.put(number);
        gate->pass();
    };
    Process first(pool, [&] { tell(1); });
    ASSERT_TRUE(gate->wait_for(1));
    Process second(pool, [&] { tell(2); });
    ASSERT_TRUE(gate->wait_for(2));
    first.kill();
    first.join();
    EXPECT_FALSE(here.is_other_gone());
    here.put(3);
    second.kill();
    second.join();
    EXPECT_TRUE(here.is_other_gone());
    EXPECT_EQ(refusal<BrokenPipe>([&, end = here] { end.put(4); }), gone);
    EXPECT_EQ(here.get(), 1);
    EXPECT_EQ(here.get(), 2);
    EXPECT_EQ(here.get(), std::nullopt);
    const Process third(pool, [end = there] { end.put(*end.get() + 10); });
    third.join();
    EXPECT_EQ(third.exit_code(), 0);
    EXPECT_EQ(here.get(), 13) << "the end was there again";
    EXPECT_EQ(here.get(), std::nullopt);
}

TEST_P(PipeOnEachCrew, TellsThoseWhoWaitOfADeath) {
    const auto [here, there] = make_pipe<int>(pool, 1);
    const testing::Shared<Gate> gate;
    Process peer(pool, [&, end = there] {
        end.put(1);
        gate->pass();
    });
    ASSERT_TRUE(gate->wait_for(1));
    EXPECT_EQ(here.get(), 1);
    here.put(2);
    std::thread reader([end = here] { EXPECT_EQ(end.get(), std::nullopt); });
    std::thread writer([end = here] { EXPECT_THROW(end.put(3), BrokenPipe); });
    std::this_thread::sleep_for(5ms);
    peer.kill();
    reader.join();
    writer.join();
}

TEST_P(PipeOnEachCrew, IsUsedByAnotherWhereAReaderDied) {
    const auto [reader, writer] = make_one_way_pipe<std::string>(pool, 64);
    const std::size_t before = pool.arena()->heap()->used_bytes();
    const std::string text(3000, 'x');
    const auto take = [end = reader] {
        while (end.get()) {
        }
    };
    for (int round = 0; round < 30; ++round) {
        Process greedy(pool, take);
        for (int i = 0; i < 50; ++i) {
            writer.put(text);
        }
        greedy.kill();
        greedy.join();
        EXPECT_TRUE(writer.is_other_gone() || writer.try_put(text));  // if it had not begun
        while (const auto message = reader.try_get()) {
            EXPECT_EQ(*message, text);
        }
        EXPECT_EQ(pool.arena()->heap()->used_bytes(), before);
    }
}

TEST_P(PipeOnEachCrew, OutlivesAWorkerThatDiesInTheMiddle) {
    if (GetParam() != Crew::processes) {
        GTEST_SKIP() << "no worker of its own dies here";
    }
    const auto [here, there] = make_pipe<int>(pool, 64);
    const auto attempts = pool.array<int>(1);
    for_each_chunk(pool, Range{0, 1}, [end = there, attempts](const Chunk&) {
        end.put(++attempts[0]);
        if (attempts[0] < 3) {
            raise(SIGKILL);
        }
    });
    std::vector<int> got;
    while (const auto number = here.try_get()) {
        got.push_back(*number);
    }
    EXPECT_EQ(got, (std::vector{1, 2, 3})) << "what a dead attempt put stays";
}

TEST_P(PipeOnEachCrew, LetsOnlyItsOwnEndWaitForOneThatIsStopped) {
    const auto [here, there] = make_pipe<std::array<char, 100'000>>(pool, 2);
    auto message = std::make_unique<std::array<char, 100'000>>();
    message->fill('m');
    for (int round = 0; round < 20; ++round) {
        const testing::Shared<Gate> gate;
        Process writer(pool, [&, end = there] {
            gate->arrive();
            for (;;) {
                end.put(*message);
            }
        });
        ASSERT_TRUE(gate->wait_for(1));
        EXPECT_EQ(here.get()->back(), 'm');
        kill(writer.pid(), SIGSTOP);
        while (const auto got = here.try_get()) {
            EXPECT_EQ(got->back(), 'm');
        }
        static_cast<void>(there.put_for(*message, 2ms));
        here.put(*message);
        EXPECT_EQ(there.get()->front(), 'm') << "the other direction";
        kill(writer.pid(), SIGCONT);
        EXPECT_EQ(here.get()->back(), 'm');
        writer.kill();
        writer.join();
        while (here.try_get()) {
        }
    }
    there.put(*message);
    EXPECT_EQ(here.get()->back(), 'm');
}

}  // namespace
}  // namespace pinfold
