// Who puts, gets and works on messages of a Queue dies, stops, or has several threads.

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <pinfold/engine/shared.hpp>
#include <pinfold/pinfold.hpp>
#include <pinfold/shm/crossing.hpp>
#include <pinfold/shm/heap.hpp>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "crews.hpp"
#include "leftovers.hpp"
#include "shared.hpp"

namespace pinfold::testing {
namespace {

using namespace std::chrono_literals;

/// Raises a signal in the middle of being written, or of being read.
struct Deadly {
    std::string text;
    int when_written = 0;
    int when_read = 0;

    template <typename Archive>
    void save(Archive& archive) const {
        archive(text, when_read);
        raise_if(when_written);
    }
    template <typename Archive>
    void load(Archive& archive) {
        archive(text, when_read);
        raise_if(when_read);
    }
    static void raise_if(int signal) {
        if (signal != 0) {
            raise(signal);
        }
    }
};

class QueueDeaths : public NothingLeft {
  protected:
    void TearDown() override {
        made_.reset();
        NothingLeft::TearDown();
    }

  private:
    std::optional<pinfold::Shared> made_{pinfold::SharedOptions{.processes = 8}};

  protected:
    pinfold::Shared& space = *made_;
    shm::Heap& heap = *Space(space).arena()->heap();
};

TEST_F(QueueDeaths, LeaveNothingOfAPut) {
    for (const std::size_t size : {10U, 100'000U}) {
        const Queue<Deadly> queue(space, 2);
        for (int i = 0; i < 5; ++i) {
            Process writer(space, [&] {
                queue.put({.text = std::string(size, 'x'), .when_written = SIGKILL});
            });
            writer.join();
            EXPECT_EQ(writer.exit_code(), -SIGKILL);
        }
        EXPECT_FALSE(queue.try_get());
        EXPECT_EQ(heap.used_bytes(), 0U);
        queue.put({.text = "whole"});
        EXPECT_EQ(queue.get()->text, "whole");
    }
}

TEST_F(QueueDeaths, HaveAMessageDeliveredAgain) {
    for (const std::size_t size : {10U, 100'000U}) {
        const Queue<Deadly> queue(space, 2);
        Process(space, [&] {
            queue.put({.text = std::string(size, 'x'), .when_read = SIGUSR1});
        }).join();
        for (int i = 0; i < 5; ++i) {
            Process reader(space, [&] {
                signal(SIGUSR1, [](int) { raise(SIGKILL); });
                static_cast<void>(queue.get());
            });
            reader.join();
            EXPECT_EQ(reader.exit_code(), -SIGKILL);
            EXPECT_EQ(queue.size(), 1U);
        }
        signal(SIGUSR1, SIG_IGN);
        EXPECT_EQ(queue.get()->text.size(), size);
        EXPECT_EQ(heap.used_bytes(), 0U);
    }
    signal(SIGUSR1, SIG_DFL);
}

TEST_F(QueueDeaths, GiveLeasesBack) {
    const Queue<int> queue(space, 4);
    queue.put(1);
    queue.put(2);
    Process worker(space, [&] {
        auto first = queue.lease();
        auto second = queue.lease();
        second->task_done();
        raise(SIGKILL);
    });
    queue.put(3);
    worker.join();
    EXPECT_EQ(queue.get(), 1);
    EXPECT_EQ(queue.get(), 3);
    EXPECT_TRUE(queue.join_for(0ms));
}

TEST_F(QueueDeaths, OfWhoPutLeaveTheMessages) {
    const Queue<std::string> queue(space, 1000);
    Process writer(space, [&] {
        for (int i = 0; i < 1000; ++i) {
            queue.put(std::string(static_cast<std::size_t>(i), 'x'));
        }
    });
    writer.join();
    for (std::size_t i = 0; i < 1000; ++i) {
        EXPECT_EQ(queue.get()->size(), i);
    }
}

TEST_F(QueueDeaths, WakeThoseWhoWaitForWhatComesOfThem) {
    const Queue<int> queue(space, 2);
    queue.put(1);
    const Queue<int> has_lease(space, 1);
    Process worker(space, [&] {
        const auto lease = queue.lease();
        has_lease.put(1);
        pause();
    });
    static_cast<void>(has_lease.get());
    queue.close();
    std::thread joiner([&] { queue.join(); });
    std::thread reader([&] {
        EXPECT_EQ(queue.get(), 1);
        EXPECT_EQ(queue.get(), std::nullopt);
    });
    std::this_thread::sleep_for(5ms);
    worker.kill();
    joiner.join();
    reader.join();
}

TEST_F(QueueDeaths, AreNoStops) {
    constexpr std::size_t capacity = 4;
    const Queue<Deadly> queue(space, capacity);
    Process writer(space, [&] { queue.put({.text = "late", .when_written = SIGSTOP}); });
    siginfo_t info{};
    EXPECT_EQ(waitid(P_PID, static_cast<id_t>(writer.pid()), &info, WSTOPPED), 0);
    for (std::size_t i = 0; i + 1 < capacity; ++i) {
        EXPECT_TRUE(queue.try_put({.text = std::to_string(i)}));
        EXPECT_EQ(queue.get()->text, std::to_string(i)) << "it is passed";
    }
    EXPECT_FALSE(queue.try_put({.text = "next"}));
    EXPECT_FALSE(queue.put_for({.text = "next"}, 10ms));
    EXPECT_THROW(static_cast<void>(queue.get_for(10ms)), Timeout);
    EXPECT_FALSE(queue.join_for(10ms));
    std::thread other([&] { queue.put({.text = "next"}); });
    kill(writer.pid(), SIGCONT);
    EXPECT_EQ(queue.get()->text, "late");
    EXPECT_EQ(queue.get()->text, "next");
    other.join();
}

/// Calls body() in so many threads.
template <typename Body>
void in_threads(int threads, const Body& body) {
    std::vector<std::jthread> all;
    for (int i = 0; i < threads; ++i) {
        all.emplace_back(body);
    }
}

TEST_F(QueueDeaths, AreNotNeededForThreadsToTakeTurns) {
    const Queue<std::string> texts(space, 8);
    const Queue<long> sums(space, 8);
    constexpr int threads = 4;
    constexpr int each = 300;
    const auto write = [&] {
        for (int k = 0; k < each; ++k) {
            texts.put(std::string(static_cast<std::size_t>(k * 7), 'x'));
        }
    };
    const auto read = [&] {
        long sum = 0;
        while (const auto text = texts.get()) {
            sum += static_cast<long>(text->size());
        }
        sums.put(sum);
    };
    std::vector<Process> writers;
    std::vector<Process> readers;
    for (int process = 0; process < 2; ++process) {
        writers.emplace_back(space, [&] { in_threads(threads, write); });
        readers.emplace_back(space, [&] { in_threads(threads, read); });
    }
    writers.clear();  // waits
    texts.close();
    long sum = 0;
    for (int i = 0; i < 2 * threads; ++i) {
        sum += *sums.get();
    }
    EXPECT_EQ(sum, 2L * threads * 7 * each * (each - 1) / 2);
    readers.clear();
    EXPECT_EQ(heap.used_bytes(), 0U);
}

class ManyQueueDeaths : public QueueDeaths {
  protected:
    static constexpr std::uint32_t most_writers = 512;
    static constexpr std::uint32_t most_messages = 3000;  // of one writer
    static constexpr std::size_t writers = 2;
    static constexpr std::size_t parties = 5;  // the others read

    struct Accounts {
        std::atomic<std::uint32_t> writers{0};
        std::array<std::atomic<std::uint32_t>, most_writers> written{};
        std::array<std::atomic<std::uint8_t>, most_writers * most_messages> read{};
        std::array<std::atomic<std::uint32_t>, parties> in_hands{};  // id + 1
        std::atomic<std::uint32_t> torn{0};
    };

    void TearDown() override {
        processes = {};
        queue.reset();
        QueueDeaths::TearDown();
    }

    static std::string text_of(std::uint32_t id) {
        return std::to_string(id) + std::string(id % 3 == 0 ? 300 : 3, 'x');
    }

    void write() const {
        const std::uint32_t me = accounts->writers.fetch_add(1);
        for (std::uint32_t i = 0; i < most_messages; ++i) {
            queue->put(text_of(me * most_messages + i));
            accounts->written[me] = i + 1;
        }
    }

    void read(std::size_t me) const {
        while (auto lease = queue->lease()) {
            const auto id = static_cast<std::uint32_t>(std::stoul(**lease));
            accounts->in_hands[me] = id + 1;
            if (**lease != text_of(id)) {
                accounts->torn.fetch_add(1);
            }
            lease->task_done();
            accounts->read[id].fetch_add(1);
            accounts->in_hands[me] = 0;
        }
    }

    void start(std::size_t which) {
        processes[which].emplace(space, [&] { which < writers ? write() : read(which); });
    }

    void end(std::size_t which) {
        processes[which]->kill();
        processes[which]->join();
        if (const std::uint32_t id = accounts->in_hands[which].exchange(0); id != 0) {
            doubtful.insert(id - 1);  // it may have been done, and not accounted for
        }
    }

    void check() {
        EXPECT_EQ(accounts->torn, 0U);
        EXPECT_EQ(heap.used_bytes(), 0U);
        for (std::uint32_t writer = 0; writer < accounts->writers; ++writer) {
            for (std::uint32_t i = 0; i < most_messages; ++i) {
                const std::uint32_t id = writer * most_messages + i;
                const int times = accounts->read[id];
                EXPECT_LE(times, 1) << "doubled";
                EXPECT_TRUE(times == 1 || i >= accounts->written[writer] || doubtful.contains(id))
                    << "lost";
            }
        }
    }

    const testing::Shared<Accounts> accounts;
    std::optional<Queue<std::string>> queue{std::in_place, space, 5};
    std::array<std::optional<Process>, parties> processes;
    std::set<std::uint32_t> doubtful;
};

TEST_F(ManyQueueDeaths, LoseAndDoubleNothing) {
    for (std::size_t which = 0; which < parties; ++which) {
        start(which);
    }
    std::mt19937_64 random(16);
    for (int death = 0; death < 200; ++death) {
        usleep(static_cast<useconds_t>(random() % 1500));
        const std::size_t which = random() % parties;
        end(which);
        start(which);
    }
    end(0);
    end(1);
    queue->close();
    for (std::size_t which = writers; which < parties; ++which) {
        processes[which]->join();
        EXPECT_EQ(processes[which]->exit_code(), 0) << processes[which]->error();
    }
    check();
}

/// As users write it.
TEST_F(QueueDeaths, AreRareInAProgram) {
    Pool pool({.workers = 2});
    const auto prime_sum = [](long below) {
        long sum = 0;
        for (long n = 2; n < below; ++n) {
            bool is_prime = true;
            for (long d = 2; d * d <= n; ++d) {
                is_prime = is_prime && n % d != 0;
            }
            sum += is_prime ? n : 0;
        }
        return sum;
    };
    pinfold::Queue<long> jobs(pool, 64), sums(pool, 64);
    pinfold::Process p(pool, [&] {
        while (auto n = jobs.get())
            sums.put(prime_sum(*n));
    });
    jobs.put(1'000);
    jobs.close();
    p.join();
    EXPECT_EQ(*sums.get(), 76'127);
}

TEST(QueueOfWorkers, HasAKilledWorkersMessageAgain) {
    Pool pool({.crew = Crew::processes, .workers = 2});
    const Queue<int> queue(pool, 4);
    queue.put(1);
    const auto job = [queue](const Chunk&) {
        const auto lease = queue.lease();
        kill(getpid(), SIGKILL);
    };
    EXPECT_THROW(for_each_chunk(pool, Range{0, 1}, job, {.max_attempts = 1}), JobFailed);
    EXPECT_EQ(queue.get(), 1);
}

/// A map that runs again puts again; a lease makes that right: see docs/shared_objects.md.
TEST(QueueOfWorkers, IsPutToTwiceByAMapThatRunsAgain) {
    const testing::Shared<std::atomic<int>> runs;
    Pool pool({.crew = Crew::processes, .workers = 1});
    const Queue<int> queue(pool, 4);
    std::atomic<int>* const counted = runs.get();
    for_each_chunk(pool, Range{0, 1}, [queue, counted](const Chunk&) {
        queue.put(1);
        if (counted->fetch_add(1) == 0) {
            kill(getpid(), SIGKILL);
        }
    });
    EXPECT_EQ(queue.size(), 2U);
}

}  // namespace
}  // namespace pinfold::testing
