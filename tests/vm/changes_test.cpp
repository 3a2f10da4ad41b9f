// The machine loses CPUs and memory, and gets them back, while chunks are being run.

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <set>
#include <thread>

#include "cgroup.hpp"
#include "gate.hpp"
#include "machine_files.hpp"
#include "make_pool.hpp"
#include "process_tree.hpp"
#include "seen_workers.hpp"

namespace pinfold {
namespace {

using testing::Cgroup;
using testing::HostProcess;

/// A job over an array, whose first chunks, one for each worker, wait at a gate.
struct Held {
    testing::Gate* gate;
    std::uint64_t first_chunks;
    std::uint64_t* numbers;
};

JobResult<std::uint64_t> sum_of_held_chunks(Pool& pool, shm::Array<std::uint64_t>& numbers,
                                            testing::Gate& gate) {
    JobOptions<std::uint64_t> options;
    options.grain = numbers.size() / 64;
    const Held held{&gate, static_cast<std::uint64_t>(pool.workers()), numbers.data()};
    return map_reduce(
        pool, Range{0, numbers.size()}, held,
        [](const Held& job, const Chunk& chunk) {
            if (job.gate->arrived() < job.first_chunks) {
                job.gate->pass();
            }
            std::uint64_t sum = 0;
            for (std::uint64_t i = chunk.begin; i < chunk.end; ++i) {
                sum += job.numbers[i]++;
            }
            return sum;
        },
        std::plus<>{}, options);
}

/// Changes the machine by `change` while all workers of a pool hold a chunk, and by `back` when the
/// job is over. Returns the report of the job, whose value and array are checked.
JobReport report_of_a_change(Pool& pool, testing::Gate& gate, const std::function<void()>& change) {
    constexpr std::size_t count = std::size_t{1} << 20;
    auto numbers = pool.array<std::uint64_t>(count);
    for (std::size_t i = 0; i < count; ++i) {
        numbers[i] = i;
    }
    std::thread changer([&] {
        EXPECT_TRUE(gate.wait_for(static_cast<std::uint32_t>(pool.workers())));
        change();
        gate.open();
    });
    const auto result = sum_of_held_chunks(pool, numbers, gate);
    changer.join();
    EXPECT_EQ(result.value, count * (count - 1) / 2);
    std::size_t wrong = 0;
    for (std::size_t i = 0; i < count; ++i) {
        wrong += numbers[i] == i + 1 ? 0U : 1U;
    }
    EXPECT_EQ(wrong, 0U) << "each chunk was run once";
    EXPECT_EQ(result.report.deaths, 0U);
    return result.report;
}

std::set<int> cpus_in(const JobReport& report) {
    std::set<int> cpus;
    for (const WorkerReport& worker : report.workers) {
        cpus.insert(worker.cpu);
    }
    return cpus;
}

/// A node's memory, block by block.
std::vector<std::filesystem::path> memory_blocks_of(int node) {
    std::vector<std::filesystem::path> blocks;
    for (const auto& entry : std::filesystem::directory_iterator(testing::node_folder(node))) {
        if (entry.path().filename().string().starts_with("memory") && entry.is_symlink()) {
            blocks.push_back(entry.path());
        }
    }
    return blocks;
}

/// Whether the kernel has nothing there that it cannot move.
bool can_go_off_line(const std::filesystem::path& block) {
    return testing::line_of(block / "valid_zones") == "Movable";
}

class AMachineThatChanges : public ::testing::Test {
  protected:
    testing::Shared<testing::Gate> gate_;
    testing::Shared<testing::Meeting> meeting_;
};

TEST_F(AMachineThatChanges, ByACpuThatGoesOffLineCostsAJobNothing) {
    const std::vector<int> cpus = testing::cpus_on_line();
    const int last = cpus.back();
    const auto switch_it = testing::cpu_folder(last) / "online";
    Pool pool = testing::make_pool(Crew::processes, static_cast<int>(cpus.size()), "cores");
    const JobReport report =
        report_of_a_change(pool, *gate_, [&] { EXPECT_TRUE(testing::order(switch_it, "0")); });
    EXPECT_FALSE(cpus_in(report).contains(last)) << "a binding that is gone is not reported";
    Pool meanwhile = testing::make_pool(Crew::processes, 0, "cores");
    for (const auto& worker : testing::seen_workers(meanwhile, *meeting_)) {
        EXPECT_NE(worker.cpu, last);
    }
    EXPECT_TRUE(testing::order(switch_it, "1"));
    Pool again = testing::make_pool(Crew::processes, 1, std::to_string(last));
    EXPECT_EQ(testing::seen_workers(again, *meeting_).front().cpu, last);
}

TEST_F(AMachineThatChanges, ByANodeWhoseMemoryGoesOffLineKeepsEveryByte) {
    const int node = testing::nodes_of_cpus().rbegin()->second;
    const auto blocks = memory_blocks_of(node);
    if (!std::ranges::all_of(blocks, can_go_off_line)) {
        GTEST_SKIP() << "the memory of node " << node << " cannot be taken off-line";
    }
    std::size_t gone = 0;
    Pool pool = testing::make_pool(Crew::processes, 0, "cores");
    report_of_a_change(pool, *gate_, [&] {
        for (const auto& block : blocks) {
            gone += testing::order(block / "state", "offline") ? 1U : 0U;
        }
    });
    EXPECT_GT(gone, 0U);
    EXPECT_EQ(gone, blocks.size());
    Pool meanwhile = testing::make_pool(Crew::processes, 0, "cores");
    EXPECT_EQ(testing::seen_workers(meanwhile, *meeting_).size(),
              static_cast<std::size_t>(meanwhile.workers()));
    for (const auto& block : blocks) {
        EXPECT_TRUE(testing::order(block / "state", "online_movable")) << block;
    }
}

TEST_F(AMachineThatChanges, ByACpusetThatShrinksAndGrowsCostsAJobNothing) {
    const std::vector<int> cpus = testing::cpus_on_line();
    const int last = cpus.back();
    const Cgroup group("shrinks");
    const std::string all = affinity::format_cpu_list(cpus);
    const std::string fewer = affinity::format_cpu_list({cpus.begin(), std::prev(cpus.end())});
    group.set("cpuset.cpus", all);
    const std::string told = testing::told_by_host([&](const HostProcess::Tell& tell) {
        group.enter();
        Pool pool = testing::make_pool(Crew::processes, static_cast<int>(cpus.size()), "cores");
        const JobReport report =
            report_of_a_change(pool, *gate_, [&] { group.set("cpuset.cpus", fewer); });
        const bool lost = !cpus_in(report).contains(last);
        group.set("cpuset.cpus", all);
        Pool again = testing::make_pool(Crew::processes, static_cast<int>(cpus.size()), "cores");
        std::set<int> used;
        for (const auto& worker : testing::seen_workers(again, *meeting_)) {
            used.insert(worker.told_later);
        }
        const bool regained = used == std::set<int>(cpus.begin(), cpus.end());
        tell(std::string(lost ? "lost" : "still told") + " and " +
             (regained ? "got back" : "not got back") +
             (::testing::Test::HasFailure() ? ", with a wrong job" : ""));
    });
    EXPECT_EQ(told, "lost and got back");
}

}  // namespace
}  // namespace pinfold
