// Status pages, of which anybody may make one: what is no such page gives nothing, and no number is
// believed that cannot be.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cstring>
#include <limits>
#include <pinfold/engine/detail/status_page.hpp>
#include <pinfold/engine/limits.hpp>
#include <vector>

#include "top/pool_status.hpp"

namespace pinfold::apps {
namespace {

using detail::StatusHead;
using detail::StatusJob;
using detail::StatusWorker;

constexpr std::int64_t second = 1'000'000'000;

/// A page as a supervisor writes it, to be spoilt.
class Page {
  public:
    explicit Page(std::uint32_t workers = 2) : bytes_(detail::status_bytes(workers)) {
        auto* const head = new (bytes_.data()) StatusHead;
        head->workers = workers;
        head->supervisor = 11;
        head->host = 10;
        head->began_ns = 5 * second;
        head->updated_ns = 9 * second;
        head->deaths = 3;
        head->open_jobs = 1;
        head->told_jobs = 1;
        for (std::uint32_t i = 0; i < detail::most_status_jobs; ++i) {
            new (&job(i)) StatusJob;
        }
        for (std::uint32_t i = 0; i < workers; ++i) {
            new (&worker(i)) StatusWorker{.pid = 20 + static_cast<int>(i), .cpu = 1};
        }
        job(0) = {.job = 7, .began_ns = 6 * second, .chunks = 100, .done = 40, .retries = 2};
        worker(0).job = 7;
        worker(0).chunk = 41;
        worker(0).chunks = 25;
        worker(0).busy_ns = 2 * second;
        if (workers > 1) {
            worker(1).task = {'s', 'h', 'r', 'i', 'n', 'k', '[', '1', '7', ']'};
        }
        head->tasks_started = 30;
        head->tasks_waiting = 12;
    }

    StatusHead& head() { return *reinterpret_cast<StatusHead*>(bytes_.data()); }
    StatusJob& job(std::size_t number) {
        return reinterpret_cast<StatusJob*>(bytes_.data() + sizeof(StatusHead))[number];
    }
    StatusWorker& worker(std::size_t number) {
        return reinterpret_cast<StatusWorker*>(bytes_.data() + detail::status_bytes(0))[number];
    }
    [[nodiscard]] std::optional<PoolStatus> read(std::size_t bytes = ~std::size_t{0}) const {
        return read_status(std::span(bytes_).first(std::min(bytes, bytes_.size())));
    }
    [[nodiscard]] const std::vector<std::byte>& bytes() const { return bytes_; }

  private:
    std::vector<std::byte> bytes_;
};

TEST(PoolStatus, IsWhatThePageSays) {
    Page page;
    const std::optional<PoolStatus> pool = page.read();
    ASSERT_TRUE(pool);
    EXPECT_EQ(pool->supervisor, 11);
    EXPECT_EQ(pool->host, 10);
    EXPECT_EQ(pool->seconds, 4);
    EXPECT_EQ(pool->deaths, 3U);
    ASSERT_EQ(pool->jobs.size(), 1U);
    EXPECT_EQ(pool->jobs[0], (JobStatus{7, 3, 100, 40, 2}));
    ASSERT_EQ(pool->workers.size(), 2U);
    EXPECT_EQ(pool->workers[0], (WorkerStatus{20, 1, 7, 41, 25, 2, ""}));
    EXPECT_EQ(pool->workers[1],
              (WorkerStatus{21, 1, std::nullopt, std::nullopt, 0, 0, "shrink[17]"}));
    EXPECT_EQ(pool->tasks_started, 30U);
    EXPECT_EQ(pool->tasks_waiting, 12U);
}

TEST(PoolStatus, IsNoneOfAFileThatIsNoPage) {
    EXPECT_FALSE(read_status({}));
    Page page;
    for (std::size_t bytes = 0; bytes < page.bytes().size(); bytes += 61) {
        EXPECT_FALSE(page.read(bytes)) << bytes;
    }
    Page bad_magic;
    bad_magic.head().magic[0] = 'P';
    EXPECT_FALSE(bad_magic.read());
    Page other_version;
    other_version.head().version = 2;
    EXPECT_FALSE(other_version.read());
    for (const std::uint32_t workers :
         {std::uint32_t{0}, std::uint32_t{3}, std::uint32_t{max_workers} + 1, ~std::uint32_t{0}}) {
        Page wrong;
        wrong.head().workers = workers;
        EXPECT_FALSE(wrong.read()) << workers;
    }
    Page nobody;
    nobody.head().host = -1;
    EXPECT_FALSE(nobody.read());
}

TEST(PoolStatus, BelievesNoNumberThatCannotBe) {
    constexpr std::uint64_t huge = std::numeric_limits<std::uint64_t>::max();
    Page page;
    page.head().told_jobs = 0xffffffff;
    page.head().began_ns = std::numeric_limits<std::int64_t>::min();
    page.job(0).done = huge;
    page.job(0).began_ns = 10 * second;  // after the page was written
    page.job(1).chunks = huge;
    page.worker(0).pid = -7;
    page.worker(0).cpu = std::numeric_limits<std::int32_t>::max();
    page.worker(0).chunk = huge - 1;
    page.worker(0).chunks = huge;
    page.worker(0).busy_ns = std::numeric_limits<std::int64_t>::min();
    page.worker(1).job = 99;
    const std::optional<PoolStatus> pool = page.read();
    ASSERT_TRUE(pool);
    EXPECT_EQ(pool->seconds, 0);
    EXPECT_EQ(pool->jobs.size(), detail::most_status_jobs);
    EXPECT_EQ(pool->jobs[0], (JobStatus{7, 0, 100, 100, 2}));
    EXPECT_LT(pool->jobs[1].chunks, huge);
    EXPECT_EQ(pool->workers[0], (WorkerStatus{0, -1, 7, std::nullopt, 100, 0}));
    EXPECT_EQ(pool->workers[1].job, std::nullopt);
}

TEST(PoolStatus, KnowsAPageThatIsBeingWritten) {
    Page page;
    EXPECT_FALSE(is_torn(page.bytes()));
    page.head().sequence = 5;
    EXPECT_TRUE(is_torn(page.bytes()));
    EXPECT_FALSE(is_torn({}));
}

RC_GTEST_PROP(PoolStatusOfAnyBytes, IsNoneOrPossible, ()) {
    Page page(*rc::gen::inRange<std::uint32_t>(1, 60));
    std::vector<std::byte> bytes = page.bytes();
    const int spoilt = *rc::gen::inRange(0, 200);
    for (int i = 0; i < spoilt; ++i) {
        const auto at = *rc::gen::inRange<std::size_t>(20, bytes.size());
        bytes[at] = static_cast<std::byte>(*rc::gen::arbitrary<std::uint8_t>());
    }
    const std::optional<PoolStatus> pool = read_status(bytes);
    if (!pool) {
        return;
    }
    RC_ASSERT(pool->jobs.size() <= detail::most_status_jobs);
    RC_ASSERT(pool->seconds >= 0);
    for (const JobStatus& job : pool->jobs) {
        RC_ASSERT(job.done <= job.chunks);
        RC_ASSERT(job.seconds >= 0);
    }
    for (const WorkerStatus& worker : pool->workers) {
        RC_ASSERT(worker.busy_seconds >= 0);
        RC_ASSERT(worker.pid >= 0);
    }
}

}  // namespace
}  // namespace pinfold::apps
