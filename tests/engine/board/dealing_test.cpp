// The order in which a worker is dealt chunks on a machine of several nodes, and what the report
// says of it.

#include "board/dealing.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <numeric>
#include <pinfold/engine/map_reduce.hpp>
#include <vector>

#include "board/boards.hpp"
#include "board/claim_loop.hpp"
#include "board/played_table.hpp"
#include "job/job_run.hpp"
#include "nodes/worker_nodes.hpp"

namespace pinfold::detail {
namespace {

constexpr std::uint64_t chunks = 80;
constexpr std::size_t workers = 4;

/// Three nodes, of which the third is nearer to the first than the second is.
affinity::Topology machine() {
    return affinity::Topology(
        {{.os_index = 0, .core = 0}, {.os_index = 1, .core = 1}, {.os_index = 2, .core = 2}},
        {{.os_index = 0, .cpus = {0}, .distances = {10, 30, 20}},
         {.os_index = 1, .cpus = {1}, .distances = {30, 10, 30}},
         {.os_index = 2, .cpus = {2}, .distances = {20, 30, 10}}});
}

/// Workers 0 and 3 are on the first node, 1 on the second, 2 on the third.
class Table {
  public:
    Table() {
        played_.table.nodes = &nodes_.cursors;
        played_.table.worker_nodes = &nodes_;
        for (std::size_t w = 0; w < workers; ++w) {
            played_.parties[w].node = nodes_.nodes[nodes_.of_workers[w]].cursor;
        }
    }

    /// The chunks that a worker is dealt when it is alone, in order.
    std::vector<std::uint64_t> dealt_to(WorkerNumber worker, std::chrono::nanoseconds set_up) {
        const JobSettings settings{.chunk_set_up = set_up};
        const JobSpec spec = spec_of(settings);
        JobRun job(boards_, spec);
        EXPECT_TRUE(job.try_open());
        Board& board = played_.boards[0];
        Dealing dealing(played_.table, worker);
        dealing.enter(board, board.runs[0]);
        std::vector<std::uint64_t> order;
        for (Batch batch = dealing.next(); !batch.empty(); batch = dealing.next()) {
            for (std::uint64_t chunk = batch.first; chunk < batch.last; ++chunk) {
                order.push_back(chunk);
            }
        }
        job.abandon();
        EXPECT_TRUE(job.close());
        return order;
    }

    /// The report of a job that one worker runs alone.
    JobReport run_by(WorkerNumber number) {
        const JobSettings settings;
        const JobSpec spec = spec_of(settings);
        JobRun job(boards_, spec);
        EXPECT_TRUE(job.try_open());
        ClaimLoop worker(played_.table, number);
        while (!job.look()) {
            worker.work_on(0, [] { return ClaimLoop::Asked{}; });
        }
        EXPECT_TRUE(job.close());
        return job.settle([](const Results&) {});
    }

  private:
    static JobSpec spec_of(const JobSettings& settings) {
        JobSpec spec = job_spec<std::uint64_t>(ChunkPlan(Range{0, chunks * 10}, 10), settings);
        spec.element_bytes = 8;
        spec.call = [](ChunkRow& all) {
            run_row_with_results<std::uint64_t>(all, [](const ChunkRow& row) { return row.at; });
        };
        return spec;
    }

    const WorkerNodes nodes_ = worker_nodes(
        {{.numa_node = 0}, {.numa_node = 1}, {.numa_node = 2}, {.numa_node = 0}}, machine());
    testing::PlayedTable<workers, 1> played_{false};
    HeapBlocks heap_;
    Boards boards_{played_.table, heap_, false};
};

/// Chunks of the parts of nodes, whose workers are two, one and one.
std::vector<std::uint64_t> parts(const std::vector<int>& nodes) {
    std::vector<std::uint64_t> order;
    for (const int node : nodes) {
        const std::uint64_t first = node == 0 ? 0 : chunks * static_cast<unsigned>(node + 1) / 4;
        const std::uint64_t count = node == 0 ? chunks / 2 : chunks / 4;
        for (std::uint64_t i = 0; i < count; ++i) {
            order.push_back(first + i);
        }
    }
    return order;
}

TEST(Dealing, BeginsWithTheOwnNodeAndGoesOnWithTheNearest) {
    Table table;
    constexpr std::chrono::nanoseconds none{0};
    EXPECT_EQ(table.dealt_to(0, none), parts({0, 2, 1}));
    EXPECT_EQ(table.dealt_to(3, none), parts({0, 2, 1}));
    EXPECT_EQ(table.dealt_to(2, none), parts({2, 0, 1}));
    EXPECT_EQ(table.dealt_to(1, none), parts({1, 2, 0})) << "the others are equally far";
}

// Chunks in a row belong to one worker each; those of a node's workers lie side by side.
TEST(Dealing, OfChunksInARowStaysInTheNodesPart) {
    Table table;
    constexpr std::chrono::nanoseconds set_up{1'000'000};
    EXPECT_EQ(table.dealt_to(0, set_up).front(), 0U);
    EXPECT_EQ(table.dealt_to(3, set_up).front(), chunks / 4);
    EXPECT_EQ(table.dealt_to(1, set_up).front(), chunks / 2);
    EXPECT_EQ(table.dealt_to(2, set_up).front(), chunks * 3 / 4);
}

TEST(Dealing, IsReportedAsLocalAndRemote) {
    Table table;
    const JobReport report = table.run_by(3);
    ASSERT_EQ(report.nodes.size(), 3U);
    EXPECT_EQ(report.nodes[0].node, 0);
    EXPECT_EQ(report.nodes[0].workers, 2);
    EXPECT_EQ(report.nodes[0].local_chunks, chunks / 2);
    EXPECT_EQ(report.nodes[0].remote_chunks, chunks / 2);
    EXPECT_EQ(report.nodes[0].local_bytes, chunks / 2 * 10 * 8);
    EXPECT_EQ(report.nodes[0].remote_bytes, chunks / 2 * 10 * 8);
    EXPECT_EQ(report.nodes[2].node, 2);
    EXPECT_EQ(report.nodes[2].local_chunks + report.nodes[2].remote_chunks, 0U);
}

}  // namespace
}  // namespace pinfold::detail
