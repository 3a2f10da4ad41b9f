// What a timeline tells of jobs of all kinds, read back from its file.
#include <gtest/gtest.h>

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <functional>
#include <numeric>
#include <pinfold/pinfold.hpp>
#include <stop_token>
#include <thread>

#include "crews.hpp"
#include "process_tree.hpp"
#include "shared.hpp"
#include "timeline/checked_timeline.hpp"

namespace pinfold {
namespace {

using testing::check_timeline;
using testing::CheckedJob;
using testing::CheckedTimeline;
using testing::make_pool;

class ATimeline : public testing::NothingLeft {};

/// Of a timeline in which nothing is wrong.
CheckedTimeline checked(const Timeline& timeline) {
    CheckedTimeline result = check_timeline(timeline.to_chrome_json());
    EXPECT_EQ(result.faults, std::vector<std::string>());
    EXPECT_EQ(result.jobs.size(), timeline.jobs());
    return result;
}

CheckedJob only_job(const Timeline& timeline) {
    const CheckedTimeline result = checked(timeline);
    EXPECT_EQ(result.jobs.size(), 1U);
    return result.jobs.empty() ? CheckedJob{} : result.jobs.front();
}

constexpr auto sum_of_chunk = [](const Chunk& chunk) {
    std::uint64_t sum = 0;
    for (const auto k : chunk) {
        sum += k;
    }
    return sum;
};

TEST_F(ATimeline, TellsEachChunkOnceOnEveryCrew) {
    for (const Crew crew : testing::all_crews) {
        Pool pool = make_pool(crew, 3);
        Timeline timeline({.name = "a \"name\""});
        const auto r = map_reduce(pool, Range{0, 5000}, sum_of_chunk, std::plus<>{},
                                  {.grain = 3, .timeline = &timeline});
        EXPECT_EQ(r.value, testing::sum_below(5000));
        const CheckedTimeline result = checked(timeline);
        ASSERT_EQ(result.jobs.size(), 1U);
        const CheckedJob& job = result.jobs.front();
        EXPECT_EQ(result.name, "a \"name\"");
        EXPECT_EQ(job.crew, to_string(crew));
        EXPECT_EQ(job.workers, static_cast<std::uint64_t>(pool.workers()));
        EXPECT_EQ(job.chunks, r.report.chunks);
        for (const WorkerReport& worker : r.report.workers) {
            EXPECT_EQ(job.chunks_by_worker[static_cast<std::size_t>(worker.worker)], worker.chunks);
        }
    }
}

TEST_F(ATimeline, HasThePhasesOfAJob) {
    for (const Crew crew : testing::all_crews) {
        Pool pool = make_pool(crew, 2);
        Phases<int> phases;
        const auto fill = [](int, const Chunk& chunk, const PhaseMemory& memory) {
            for (const auto k : chunk) {
                memory.of<std::uint64_t>(memory.running())[k] = k;
            }
        };
        phases.add({.range = {0, 100}, .grain = 3, .bytes = 800}, fill);
        phases.add({.range = {0, 50}, .grain = 7, .bytes = 400, .first_chunk = 40}, fill);
        Timeline timeline;
        const auto r = map_reduce(pool, Range{0, 100}, 0, phases,
                                  [](int, const Chunk& chunk, const PhaseMemory& memory) {
                                      return memory.of<std::uint64_t>(0)[chunk.begin];
                                  },
                                  std::plus<>{}, {.grain = 1, .timeline = &timeline});
        EXPECT_EQ(r.value, testing::sum_below(100));
        const CheckedJob job = only_job(timeline);
        EXPECT_EQ(job.phases, 2U);
        EXPECT_EQ(job.chunks, r.report.chunks);
        EXPECT_EQ(job.folds, 1U);
    }
}

TEST_F(ATimeline, HasJobsOfEveryCall) {
    Timeline timeline;
    const JobSettings settings{.timeline = &timeline};
    Pool pool = make_pool(Crew::threads, 2);
    const auto in = pool.array<int>(10'000);
    const auto out = pool.array<int>(10'000);
    for_each(
        pool, in, [](const int&) {}, settings);
    transform(
        pool, in, out, [](int x) { return x + 1; }, settings);
    for_each_chunk(
        pool, Range{0, 100}, [](const Chunk&) {}, settings);
    int captured = 1;
    const auto forked = map_reduce_forked({.workers = 2, .pin = "none"}, Range{0, 50},
                                          [&](const Chunk&) { return captured; }, std::plus<>{},
                                          {.grain = 1, .timeline = &timeline});
    EXPECT_EQ(forked.value, 50);
    // Large results are made elsewhere and copied.
    using Large = std::array<std::uint64_t, 1000>;
    const auto large = map_reduce(
        pool, Range{0, 10}, [](const Chunk& chunk) { return Large{chunk.begin}; },
        [](const Large& a, const Large& b) { return Large{a[0] + b[0]}; },
        JobOptions<Large>{.grain = 1, .timeline = &timeline});
    EXPECT_EQ(large.value[0], 45U);
    map_reduce(pool, Range{0, 0}, sum_of_chunk, std::plus<>{}, {.timeline = &timeline});
    const CheckedTimeline result = checked(timeline);
    ASSERT_EQ(result.jobs.size(), 6U);
    EXPECT_EQ(result.jobs[2].chunks, 100U);
    EXPECT_EQ(result.jobs[3].crew, "processes");
    EXPECT_EQ(result.jobs[3].chunks, 50U);
    EXPECT_EQ(result.jobs[4].chunks, 10U);
    EXPECT_EQ(result.jobs[5].chunks, 0U);
}

TEST_F(ATimeline, TellsADeathAndItsSuccessor) {
    Pool pool = make_pool(Crew::processes, 2);
    const auto is_first = pool.array<int>(1);
    is_first[0] = 1;
    Timeline timeline;
    const auto r = map_reduce(pool, Range{0, 100},
                              [is_first](const Chunk& chunk) {
                                  if (chunk.index == 50 && std::exchange(is_first[0], 0) != 0) {
                                      raise(SIGKILL);
                                  }
                                  usleep(200);
                                  return chunk.index;
                              },
                              std::plus<>{}, {.grain = 1, .timeline = &timeline});
    EXPECT_EQ(r.value, testing::sum_below(100));
    EXPECT_EQ(r.report.deaths, 1U);
    const CheckedJob job = only_job(timeline);
    EXPECT_EQ(job.chunks, 100U);
    EXPECT_EQ(job.died, 1U);
    EXPECT_EQ(job.deaths, 0U);
    EXPECT_EQ(job.retried, (std::vector<std::uint64_t>{50}));
    EXPECT_NE(timeline.to_chrome_json().find("signal 9 (Killed)"), std::string::npos);
}

TEST_F(ATimeline, OfAFailedJobHasWhatWasDone) {
    for (const Crew crew : testing::all_crews) {
        Pool pool = make_pool(crew, 2);
        Timeline timeline;
        const auto fail = [&] {
            map_reduce(pool, Range{0, 1000},
                       [](const Chunk& chunk) {
                           if (chunk.index == 500) {
                               throw std::runtime_error("no");
                           }
                           return chunk.index;
                       },
                       std::plus<>{}, {.grain = 1, .timeline = &timeline});
        };
        EXPECT_THROW(fail(), JobFailed);
        const CheckedJob job = only_job(timeline);
        EXPECT_EQ(job.outcome, "failed");
        EXPECT_EQ(job.threw, 1U);
        EXPECT_GT(job.chunks, 0U);
        EXPECT_LT(job.chunks, 1000U);
        EXPECT_EQ(job.folds, 0U);
    }
}

TEST_F(ATimeline, HasChunksThatWereSkipped) {
    Pool pool = make_pool(Crew::processes, 2);
    Timeline timeline;
    const auto r = map_reduce(
        pool, Range{0, 200},
        [](const Chunk& chunk) {
            if (chunk.index == 20) {
                throw std::runtime_error("no");
            }
            if (chunk.index == 120) {
                _exit(3);
            }
            return std::uint64_t{1};
        },
        std::plus<>{},
        {.grain = 1, .max_attempts = 2, .on_poison = OnPoison::skip, .timeline = &timeline});
    EXPECT_EQ(r.value, 198U);
    const CheckedJob job = only_job(timeline);
    EXPECT_EQ(job.outcome, "complete");
    EXPECT_EQ(job.chunks, 198U);
    EXPECT_EQ(job.threw, 1U);
    EXPECT_EQ(job.died, 2U);  // its two attempts, and no end of it
}

TEST_F(ATimeline, OfAStoppedJobHasWhatWasDone) {
    for (const Crew crew : testing::all_crews) {
        Pool pool = make_pool(crew, 2);
        Timeline timeline;
        std::stop_source stop;
        const auto run = [&] {
            map_reduce(pool, Range{0, 100'000},
                       [](const Chunk&) {
                           usleep(100);
                           return 0;
                       },
                       std::plus<>{},
                       {.grain = 1,
                        .stop = stop.get_token(),
                        .kill = crew == Crew::processes,
                        .progress = [&](const Progress&) { stop.request_stop(); },
                        .timeline = &timeline});
        };
        EXPECT_THROW(run(), Cancelled);
        const auto run_late = [&] {
            map_reduce(
                pool, Range{0, 100'000},
                [](const Chunk&) {
                    usleep(100);
                    return 0;
                },
                std::plus<>{},
                {.grain = 1, .deadline = std::chrono::milliseconds(20), .timeline = &timeline});
        };
        EXPECT_THROW(run_late(), Timeout);
        const CheckedTimeline result = checked(timeline);
        ASSERT_EQ(result.jobs.size(), 2U);
        EXPECT_EQ(result.jobs[0].outcome, "cancelled");
        EXPECT_EQ(result.jobs[1].outcome, "timed out");
    }
}

TEST_F(ATimeline, OfAJobWithAJournalHasWhatWasRun) {
    const auto file = std::filesystem::temp_directory_path() /
                      ("timeline_" + std::to_string(getpid()) + ".journal");
    Pool pool = make_pool(Crew::processes, 2);
    const auto fails = pool.array<int>(1);
    fails[0] = 1;
    Timeline timeline;
    const auto run = [&] {
        return map_reduce(
            pool, Range{0, 300},
            [fails](const Chunk& chunk) {
                if (chunk.index == 100 && fails[0] != 0) {
                    throw std::runtime_error("no");
                }
                return chunk.index;
            },
            std::plus<>{},
            {.grain = 1, .journal = {.file = file, .kernel = "test"}, .timeline = &timeline});
    };
    EXPECT_THROW(run(), JobFailed);
    fails[0] = 0;
    const auto r = run();
    std::filesystem::remove(file);
    EXPECT_EQ(r.value, testing::sum_below(300));
    const CheckedTimeline result = checked(timeline);
    ASSERT_EQ(result.jobs.size(), 2U);
    EXPECT_EQ(result.jobs[1].restored, r.report.restored);
    EXPECT_EQ(result.jobs[1].chunks, 300 - r.report.restored);
    EXPECT_EQ(result.jobs[0].chunks, r.report.restored);
}

TEST_F(ATimeline, HasJobsInsideOfMaps) {
    static Timeline* inner = nullptr;
    Timeline timeline;
    inner = &timeline;
    const auto map = [](const Chunk& chunk) {
        Pool pool({.crew = Crew::serial, .pin = "none"});
        return map_reduce(pool, Range{0, 10}, sum_of_chunk, std::plus<>{},
                          {.grain = 1, .timeline = inner})
                   .value +
               chunk.index;
    };
    Pool threads = make_pool(Crew::threads, 2);
    EXPECT_EQ(
        map_reduce(threads, Range{0, 4}, map, std::plus<>{}, {.grain = 1, .timeline = &timeline})
            .value,
        4 * 45 + 6U);
    const CheckedTimeline result = checked(timeline);
    ASSERT_EQ(result.jobs.size(), 5U);
    for (std::size_t i = 0; i < 4; ++i) {
        EXPECT_EQ(result.jobs[i].chunks, 10U);
    }
    Pool processes = make_pool(Crew::processes, 2);
    try {
        map_reduce(processes, Range{0, 1}, map, std::plus<>{}, {.grain = 1});
        FAIL() << "a worker's copy of a timeline took a job";
    } catch (const JobFailed& failed) {
        EXPECT_NE(std::string(failed.what()).find("which has a copy"), std::string::npos)
            << failed.what();
    }
    EXPECT_EQ(timeline.jobs(), 5U);
}

TEST_F(ATimeline, IsSharedByThreadsThatRunJobs) {
    Timeline timeline;
    Pool pool = make_pool(Crew::processes, 2);
    {
        std::vector<std::jthread> hosts;
        for (int i = 0; i < 4; ++i) {
            hosts.emplace_back([&] {
                for (int j = 0; j < 10; ++j) {
                    map_reduce(pool, Range{0, 200}, sum_of_chunk, std::plus<>{},
                               {.grain = 1, .timeline = &timeline});
                }
            });
        }
    }
    const CheckedTimeline result = checked(timeline);
    ASSERT_EQ(result.jobs.size(), 40U);
    for (const CheckedJob& job : result.jobs) {
        EXPECT_EQ(job.chunks, 200U);
    }
}

TEST_F(ATimeline, OfARehearsalHasTheJobThatCounts) {
    Timeline timeline;
    Pool pool = make_pool(Crew::threads, 2);
    map_reduce(pool, Range{0, 100}, sum_of_chunk, std::plus<>{},
               {.grain = 1, .timeline = &timeline, .rehearse = true});
    EXPECT_EQ(only_job(timeline).chunks, 100U);
}

TEST_F(ATimeline, IsThinnedToItsLimit) {
    for (const Crew crew : testing::all_crews) {
        Pool pool = make_pool(crew, 2);
        Timeline timeline({.most_chunks = 100});
        const JobOptions<std::uint64_t> options{.grain = 1, .timeline = &timeline};
        map_reduce(pool, Range{0, 1000}, sum_of_chunk, std::plus<>{}, options);
        const CheckedJob alone = only_job(timeline);
        EXPECT_EQ(alone.one_in, 16U);
        EXPECT_EQ(alone.chunks, 63U);
        map_reduce(pool, Range{0, 90}, sum_of_chunk, std::plus<>{}, options);
        for (int i = 0; i < 120; ++i) {
            map_reduce(pool, Range{0, 2}, sum_of_chunk, std::plus<>{}, options);
        }
        const CheckedTimeline result = checked(timeline);
        EXPECT_TRUE(result.thinned);
        EXPECT_EQ(result.jobs.size(), 100U);
        EXPECT_EQ(result.jobs_left_out, 22U);
        EXPECT_LE(timeline.chunks(), 100U);
        for (const CheckedJob& job : result.jobs) {
            EXPECT_EQ(job.chunks, (job.plan_chunks + job.one_in - 1) / job.one_in);
        }
    }
    EXPECT_THROW(Timeline({.most_chunks = 0}), std::invalid_argument);
}

TEST_F(ATimeline, SaysWhyAFileCannotBeWritten) {
    Timeline timeline;
    Pool pool = make_pool(Crew::serial, 1);
    map_reduce(pool, Range{0, 10}, sum_of_chunk, std::plus<>{}, {.timeline = &timeline});
    for (const std::string bad : {"/nowhere/trace.json", "/", "/dev/full"}) {
        try {
            timeline.write(bad);
            FAIL() << bad << " was written";
        } catch (const std::system_error& error) {
            EXPECT_NE(std::string(error.what()).find(bad), std::string::npos) << error.what();
        }
    }
    const auto file =
        std::filesystem::temp_directory_path() / ("timeline_" + std::to_string(getpid()) + ".json");
    timeline.write(file);
    EXPECT_EQ(testing::check_timeline_file(file).faults, std::vector<std::string>());
    std::filesystem::remove(file);
}

TEST_F(ATimeline, HoldsWhileWorkersDieAtRandomMoments) {
    Pool pool = make_pool(Crew::processes, 4);
    Timeline timeline;
    std::uint64_t deaths = 0;
    for (unsigned round = 0; round < 20; ++round) {
        const auto r = map_reduce(
            pool, Range{0, 4000},
            [round](const Chunk& chunk) {
                // Each process that gets there dies at another moment of its life.
                if ((chunk.index * 2654435761U + round + unsigned(getpid())) % 257 == 0) {
                    raise(SIGKILL);
                }
                return chunk.index;
            },
            std::plus<>{}, {.grain = 1, .max_attempts = 100, .timeline = &timeline});
        EXPECT_EQ(r.value, testing::sum_below(4000));
        deaths += r.report.deaths;
    }
    EXPECT_GT(deaths, 20U);
    const CheckedTimeline result = checked(timeline);
    std::uint64_t told = 0;
    for (const CheckedJob& job : result.jobs) {
        EXPECT_EQ(job.chunks, 4000U);
        told += job.died + job.deaths;
    }
    EXPECT_EQ(told, deaths);
}

}  // namespace
}  // namespace pinfold
