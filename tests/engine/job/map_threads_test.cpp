// Maps that wait for threads which run jobs on the same pool. On a crew of threads these jobs need
// the very workers that wait for them.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <mutex>
#include <pinfold/engine/errors.hpp>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "crews.hpp"
#include "leftovers.hpp"

namespace pinfold {
namespace {

using testing::Empty;

/// What the maps need. A worker process does not have its host's pool.
struct Nest {
    Pool* pool;
    int depth;             // of jobs in threads of maps in jobs ...
    std::uint64_t chunks;  // of each
};

std::uint64_t run_nest(const Nest& nest);

/// A job in a thread that the map starts and joins.
std::uint64_t run_in_thread(const Nest& nest) {
    std::uint64_t value = 0;
    std::exception_ptr thrown;
    std::thread([&] {
        try {
            value = run_nest(nest);
        } catch (...) {
            thrown = std::current_exception();
        }
    }).join();
    if (thrown) {
        std::rethrow_exception(thrown);
    }
    return value;
}

std::uint64_t run_nest(const Nest& nest) {
    JobOptions<std::uint64_t> options;
    options.grain = 1;
    return map_reduce(
               *nest.pool, Range{0, nest.chunks}, trust(nest),
               [](const Nest& outer, const Chunk& chunk) {
                   const Nest inner{outer.pool, outer.depth - 1, outer.chunks};
                   return outer.depth == 0 ? chunk.index + 1 : run_in_thread(inner);
               },
               std::plus<>{}, options)
        .value;
}

std::uint64_t expected_of(const Nest& nest) {
    std::uint64_t value = nest.chunks * (nest.chunks + 1) / 2;
    for (int i = 0; i < nest.depth; ++i) {
        value *= nest.chunks;
    }
    return value;
}

class MapsThatWaitForThreads : public testing::NothingLeft,
                               public ::testing::WithParamInterface<Crew> {};

TEST_P(MapsThatWaitForThreads, EndWhateverTheNumberOfWorkers) {
    for (const int workers : {1, 2, 4}) {
        Pool pool = testing::make_pool(GetParam(), workers);
        const Nest nest{&pool, 1, 20};
        EXPECT_EQ(run_nest(nest), expected_of(nest)) << workers;
    }
}

TEST_P(MapsThatWaitForThreads, EndAtAnyDepth) {
    for (const int workers : {1, 3}) {
        Pool pool = testing::make_pool(GetParam(), workers);
        const Nest nest{&pool, 4, 3};
        EXPECT_EQ(run_nest(nest), expected_of(nest)) << workers;
    }
}

TEST_P(MapsThatWaitForThreads, EndInJobsOfManyHosts) {
    Pool pool = testing::make_pool(GetParam(), 2);
    std::vector<std::future<bool>> hosts;
    for (int i = 0; i < 80; ++i) {  // more than there are boards
        hosts.push_back(std::async(std::launch::async, [&pool, i] {
            const Nest nest{&pool, i % 3, 2};
            return run_nest(nest) == expected_of(nest);
        }));
    }
    for (std::future<bool>& host : hosts) {
        EXPECT_TRUE(host.get());
    }
}

TEST_P(MapsThatWaitForThreads, SeeWhatTheJobInTheThreadThrows) {
    Pool pool = testing::make_pool(GetParam(), 1);
    try {
        map_reduce(
            pool, Range{0, 1}, trust(Nest{&pool, 0, 1}),
            [](const Nest& nest, const Chunk&) {
                std::string text;
                std::thread([&] {
                    try {
                        map_reduce(
                            *nest.pool, Range{0, 1}, Empty{},
                            [](const Empty&, const Chunk&) -> int {
                                throw std::runtime_error("from inside");
                            },
                            std::plus<>{});
                    } catch (const JobFailed& failure) {
                        text = failure.details().exception_text;
                    }
                }).join();
                throw std::runtime_error("seen: " + text);
                return 0;
            },
            std::plus<>{});
        FAIL() << "nothing was thrown";
    } catch (const JobFailed& failure) {
        EXPECT_EQ(failure.details().exception_text, "seen: from inside");
    }
}

TEST_P(MapsThatWaitForThreads, KeepTheDeadlineOfTheJobInTheThread) {
    Pool pool = testing::make_pool(GetParam(), 1);
    const auto timeouts = map_reduce(
        pool, Range{0, 1}, trust(Nest{&pool, 0, 1}),
        [](const Nest& nest, const Chunk&) {
            int timeouts_seen = 0;
            std::thread([&] {
                JobOptions<int> options;
                options.grain = 1;
                options.deadline = std::chrono::milliseconds(50);
                try {
                    map_reduce(
                        *nest.pool, Range{0, 1'000'000}, Empty{},
                        [](const Empty&, const Chunk&) {
                            std::this_thread::sleep_for(std::chrono::milliseconds(1));
                            return 0;
                        },
                        std::plus<>{}, options);
                } catch (const Timeout&) {
                    ++timeouts_seen;
                }
            }).join();
            return timeouts_seen;
        },
        std::plus<>{});
    EXPECT_EQ(timeouts.value, 1);
}

INSTANTIATE_TEST_SUITE_P(Crews, MapsThatWaitForThreads,
                         ::testing::Values(Crew::serial, Crew::threads));

TEST(MapsOfProcesses, MayWaitForThreadsThatRunJobsOnAPoolOfTheMaps) {
    Pool pool = testing::make_pool(Crew::processes, 2);
    const auto result = map_reduce(
        pool, Range{0, 4}, Empty{},
        [](const Empty&, const Chunk&) {
            Pool inner = testing::make_pool(Crew::threads, 2);
            return run_in_thread({&inner, 2, 3});
        },
        std::plus<>{});
    EXPECT_EQ(result.value, 4 * expected_of({nullptr, 2, 3}));
}

/// A thread that was there before the maps and runs jobs for them.
class Servant {
  public:
    using Job = std::function<std::uint64_t()>;

    /// Runs `job` for whoever asks.
    explicit Servant(Job job) : job_(std::move(job)), thread_([this] { serve(); }) {}
    ~Servant() {
        post([this] { ends_ = true; });
        thread_.join();
    }
    Servant(const Servant&) = delete;
    Servant& operator=(const Servant&) = delete;

    std::uint64_t ask() {
        std::promise<std::uint64_t> answer;
        post([&] { answer.set_value(job_()); });
        return answer.get_future().get();
    }

  private:
    void post(std::function<void()> request) {
        const std::scoped_lock lock(mutex_);
        requests_.push_back(std::move(request));
        changed_.notify_one();
    }
    void serve() {
        while (!ends_) {
            std::function<void()> request;
            {
                std::unique_lock lock(mutex_);
                changed_.wait(lock, [this] { return !requests_.empty(); });
                request = std::move(requests_.front());
                requests_.pop_front();
            }
            request();
        }
    }

    const Job job_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::function<void()>> requests_;
    bool ends_ = false;
    std::thread thread_;
};

/// A job that is a bare pointer would have to point into the arena.
struct AtServant {
    Servant* servant;
};

TEST(MapsOfThreads, MayWaitForAThreadThatWasThereBefore) {
    Pool pool = testing::make_pool(Crew::threads, 2);
    Servant servant([&] { return run_nest({&pool, 0, 10}); });
    JobOptions<std::uint64_t> options;
    options.grain = 1;
    const auto result = map_reduce(
        pool, Range{0, 10}, trust(AtServant{&servant}),
        [](const AtServant& at, const Chunk&) { return at.servant->ask(); }, std::plus<>{},
        options);
    EXPECT_EQ(result.value, 10 * 55U);
}

// One worker asks. The other one comes to the job that the servant runs, leaves it after a chunk
// that took longer than a turn, and asks too.
TEST(MapsOfThreads, MayWaitForJobsThatTheirWorkersBeganAndLeft) {
    Pool pool = testing::make_pool(Crew::threads, 2);
    JobOptions<std::uint64_t> options;
    options.grain = 1;
    std::atomic<bool> is_asked{false};
    Servant servant([&] {
        is_asked = true;
        const auto slow_map = [](const Empty&, const Chunk& chunk) {
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
            return chunk.index;
        };
        return map_reduce(pool, Range{0, 10}, Empty{}, slow_map, std::plus<>{}, options).value;
    });
    struct Job {
        Servant* servant;
        std::atomic<bool>* is_asked;
    };
    const auto result = map_reduce(
        pool, Range{0, 3}, trust(Job{&servant, &is_asked}),
        [](const Job& job, const Chunk& chunk) {
            if (chunk.index != 1) {
                return job.servant->ask();
            }
            while (!*job.is_asked) {
                std::this_thread::yield();
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(5));  // the job is open by now
            return std::uint64_t{0};
        },
        std::plus<>{}, options);
    EXPECT_EQ(result.value, 2 * 45U);
}

TEST(MapsOfThreads, MayWaitForAThreadThatRunsJobsOnAnotherPool) {
    Pool pool = testing::make_pool(Crew::threads, 2);
    Pool other = testing::make_pool(Crew::threads, 2);
    JobOptions<std::uint64_t> options;
    options.grain = 1;
    const auto result = map_reduce(
        pool, Range{0, 4}, trust(Nest{&other, 1, 3}),
        [](const Nest& nest, const Chunk&) { return run_in_thread(nest); }, std::plus<>{}, options);
    EXPECT_EQ(result.value, 4 * expected_of({&other, 1, 3}));
}

}  // namespace
}  // namespace pinfold
