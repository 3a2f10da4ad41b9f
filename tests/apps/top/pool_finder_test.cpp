// Finding pools by what their supervisors hold open, true ones and others.
#include <gtest/gtest.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <pinfold/engine/detail/status_page.hpp>
#include <pinfold/pinfold.hpp>
#include <string>

#include "json/json.hpp"
#include "top/pool_finder.hpp"
#include "top/pool_table.hpp"

namespace pinfold::apps {
namespace {

/// The pool of this process, if the look has it.
const FoundPool* own_pool(const Look& look) {
    const auto found = std::ranges::find(look.pools, getpid(), &FoundPool::host);
    return found == look.pools.end() ? nullptr : &*found;
}

std::string text_of(const std::string& file) {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

TEST(PoolFinder, FindsAPoolAndKeepsNothingOfIt) {
    Look look;
    {
        Pool pool({.workers = 3, .pin = "none"});
        // The page comes when the workers run.
        for (int i = 0; i < 1000 && own_pool(look) == nullptr; ++i) {
            look = PoolFinder().look();
            usleep(1000);
        }
        const FoundPool* const found = own_pool(look);
        ASSERT_NE(found, nullptr);
        EXPECT_EQ(found->status.workers.size(), 3U);
        EXPECT_FALSE(found->is_in_other_namespace);
        EXPECT_NE(found->command.find("pool_finder_test"), std::string::npos);
        for (const WorkerStatus& worker : found->status.workers) {
            EXPECT_EQ(kill(worker.pid, 0), 0);
        }
        EXPECT_EQ(text_of("/proc/self/maps").find("pinfold-status"), std::string::npos);
    }
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
        std::error_code gone;
        const std::string link = std::filesystem::read_symlink(entry.path(), gone);
        EXPECT_EQ(link.find("pinfold-status"), std::string::npos);
    }
    EXPECT_EQ(own_pool(PoolFinder().look()), nullptr);
}

TEST(PoolFinder, SeesAJobThatRuns) {
    Pool pool({.workers = 2, .pin = "none"});
    PoolFinder finder;
    JobRates rates;
    bool was_seen = false;
    // A job is seen when its host has waited for a second; this one ends when it was.
    std::stop_source stop;
    const auto run = [&] {
        map_reduce(pool, Range{0, 1'000'000},
                   [](const Chunk&) {
                       usleep(1000);
                       return 0;
                   },
                   std::plus<>{},
                   {.grain = 1, .stop = stop.get_token(), .progress = [&](const Progress&) {
                        const Look look = finder.look();
                        rates.add(look);
                        const FoundPool* const found = own_pool(look);
                        if (found == nullptr || found->status.jobs.empty() ||
                            found->status.jobs[0].done == 0) {
                            return;
                        }
                        was_seen = true;
                        const JobStatus& job = found->status.jobs[0];
                        EXPECT_EQ(job.chunks, 1'000'000U);
                        EXPECT_GT(rates.rate(*found, job).value_or(0), 0);
                        const std::string json = json_of(look, rates).dump();
                        EXPECT_NE(json.find("\"chunks\":1000000"), std::string::npos) << json;
                        stop.request_stop();
                    }});
    };
    EXPECT_THROW(run(), Cancelled);
    EXPECT_TRUE(was_seen);
}

TEST(PoolFinder, SeesTasksByTheirNames) {
    Pool pool({.workers = 2, .pin = "none"});
    PoolFinder finder;
    std::string seen;
    auto batch = pool.map([](std::uint64_t) { usleep(50'000); }, Range{0, 1'000'000},
                          {.task = {.name = "shrink"}});
    for ([[maybe_unused]] auto&& nothing : batch) {
        const Look look = finder.look();
        const FoundPool* const found = own_pool(look);
        if (found != nullptr && !found->status.workers[0].task.empty()) {
            const std::string json = json_of(look, JobRates()).dump();
            EXPECT_NE(json.find(R"("task":"shrink[)"), std::string::npos) << json;
            EXPECT_GT(found->status.tasks_started, 0U);
            seen = found->status.workers[0].task;
            break;
        }
    }
    EXPECT_TRUE(seen.starts_with("shrink[")) << seen;
}

/// A process that calls itself a supervisor and holds a file of the page's name.
class Impostor {
  public:
    explicit Impostor(const std::string& page, int size = -1) {
        int ready[2];
        EXPECT_EQ(pipe(ready), 0);
        pid_ = fork();
        if (pid_ == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            prctl(PR_SET_NAME, "pinfold:super");
            const int file = memfd_create(detail::status_page_name, MFD_CLOEXEC);
            const bool is_made =
                write(file, page.data(), page.size()) == static_cast<ssize_t>(page.size()) &&
                (size < 0 || ftruncate(file, size) == 0) && write(ready[1], "x", 1) == 1;
            while (is_made) {
                pause();
            }
            _exit(1);
        }
        char x = 0;
        EXPECT_EQ(read(ready[0], &x, 1), 1);
        close(ready[0]);
        close(ready[1]);
    }
    ~Impostor() {
        kill(pid_, SIGKILL);
        waitpid(pid_, nullptr, 0);
    }
    Impostor(const Impostor&) = delete;
    Impostor& operator=(const Impostor&) = delete;
    [[nodiscard]] pid_t pid() const { return pid_; }

  private:
    pid_t pid_;
};

TEST(PoolFinder, TakesNoImpostorForAPool) {
    const std::string magic(detail::status_magic.data(), detail::status_magic.size());
    const Impostor empty("");
    const Impostor short_one(magic);
    const Impostor foreign(std::string(10'000, 'x'));
    const Impostor huge(magic + std::string("\1\0\0\0\xff\xff\xff\xff", 8), 1 << 30);
    const Look look = PoolFinder().look();
    for (const Impostor* const impostor : {&empty, &short_one, &foreign, &huge}) {
        EXPECT_EQ(std::ranges::count(look.pools, impostor->pid(), &FoundPool::supervisor), 0);
    }
}

TEST(PoolFinder, SaysWhyNothingIsSeen) {
    const Look look = PoolFinder("/nowhere").look();
    ASSERT_FALSE(look.notes.empty());
    EXPECT_NE(look.notes.back().find("/nowhere"), std::string::npos);
}

/// A look at a pool that nobody runs.
Look made_up(std::size_t workers) {
    FoundPool pool;
    pool.supervisor = 11;
    pool.host = 10;
    pool.command = "evil\x1b[2J\xc2\x9bname";
    pool.status.jobs.push_back({7, 3600, 1000, 250, 1});
    pool.status.open_jobs = 1;
    pool.status.workers.resize(workers);
    for (WorkerStatus& worker : pool.status.workers) {
        worker = {20, 1, 7, 41, 25, 2};
    }
    return {{pool, pool}, {"a note"}};
}

TEST(PoolTable, HasRoomInTheTerminal) {
    for (const std::size_t columns : {1U, 20U, 80U, 300U}) {
        for (const std::size_t rows : {1U, 2U, 5U, 12U, 24U, 500U}) {
            const auto lines = table_of(made_up(100), JobRates(), columns, rows);
            EXPECT_LE(lines.size(), rows);
            for (const std::string& line : lines) {
                EXPECT_LE(line.size(), columns);
            }
        }
    }
    EXPECT_EQ(table_of(made_up(100), JobRates(), 0, 0).size(), 2 * 102 + 2U);
}

TEST(PoolTable, TellsNoOrdersToTheTerminal) {
    for (const std::string& line : table_of(made_up(1), JobRates(), 0, 0)) {
        EXPECT_TRUE(std::ranges::all_of(line, [](char c) { return c >= 0x20 && c < 0x7f; }))
            << line;
    }
}

TEST(PoolTable, KnowsTheRateAndTheTimeLeft) {
    Look look = made_up(1);
    look.pools.pop_back();
    JobRates rates;
    rates.add(look);
    FoundPool& pool = look.pools.front();
    JobStatus& job = pool.status.jobs.front();
    EXPECT_DOUBLE_EQ(*rates.rate(pool, job), 250 / 3600.0);
    pool.status.updated_ns += 2'000'000'000;
    job.done += 100;
    rates.add(look);
    EXPECT_DOUBLE_EQ(*rates.rate(pool, job), 50);
    EXPECT_DOUBLE_EQ(*seconds_left(job, rates.rate(pool, job)), 13);
    job.done = 0;
    EXPECT_EQ(seconds_left(job, 0.0), std::nullopt);
}

}  // namespace
}  // namespace pinfold::apps
