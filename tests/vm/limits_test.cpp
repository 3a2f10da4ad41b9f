// A cgroup's limits, of a kernel whose cgroups are all there: the pool keeps within them, and says
// which of them it was where they allow too little.

#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "cgroup.hpp"
#include "machine_files.hpp"
#include "page_nodes.hpp"
#include "process_tree.hpp"
#include "seen_workers.hpp"

namespace pinfold {
namespace {

using testing::Cgroup;
using testing::HostProcess;

constexpr std::size_t mebibyte = std::size_t{1} << 20;

/// What a host tells that enters `group` before it does anything.
std::string told_within(const Cgroup& group,
                        const std::function<void(const HostProcess::Tell&)>& body) {
    return testing::told_by_host([&](const HostProcess::Tell& tell) {
        group.enter();
        body(tell);
    });
}

bool holds(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

TEST(CgroupsOfAMachine, KeepWorkersOnTheCpusOfTheirCpuset) {
    const Cgroup group("cpus");
    std::vector<int> cpus = testing::cpus_on_line();
    cpus.erase(cpus.begin(), cpus.begin() + static_cast<std::ptrdiff_t>(cpus.size() / 2));
    group.set("cpuset.cpus", affinity::format_cpu_list(cpus));
    std::set<std::string> cores;
    for (const int cpu : cpus) {
        cores.insert(testing::core_of(cpu));
    }
    const testing::Shared<testing::Meeting> meeting;
    const std::string told = told_within(group, [&](const HostProcess::Tell& tell) {
        Pool pool;
        std::set<std::string> used;
        for (const testing::SeenWorker& worker : testing::seen_workers(pool, *meeting)) {
            const bool is_within = std::ranges::find(cpus, worker.cpu) != cpus.end();
            used.insert(is_within ? testing::core_of(worker.cpu) : "outside");
        }
        tell(used == cores ? "one on each core" : std::to_string(used.size()) + " cores used");
    });
    EXPECT_EQ(told, "one on each core");
}

TEST(CgroupsOfAMachine, KeepPagesOnTheNodeOfTheirCpuset) {
    const int node = testing::nodes_of_cpus().begin()->second;
    const Cgroup group("mems");
    group.set("cpuset.cpus", affinity::format_cpu_list(testing::cpus_on_line()));
    group.set("cpuset.mems", std::to_string(node));
    const std::string told = told_within(group, [node](const HostProcess::Tell& tell) {
        Pool pool;
        const auto numbers = pool.array<std::uint64_t>(mebibyte);
        const auto sum = map_reduce(
            pool, numbers, [](std::span<const std::uint64_t> part) { return part.size(); },
            std::plus<>{});
        const auto lies_on = testing::nodes_of_pages(std::as_bytes(numbers.span()));
        const auto there = std::ranges::count(lies_on, node);
        tell(std::to_string(sum.value) + " numbers, " +
             std::to_string(lies_on.size() - static_cast<std::size_t>(there)) + " pages elsewhere");
    });
    EXPECT_EQ(told, "1048576 numbers, 0 pages elsewhere");
}

TEST(CgroupsOfAMachine, GiveAsManyWorkersAsTheCpuTimeOfTheirCpuMax) {
    const Cgroup group("time");
    group.set("cpu.max", "150000 100000");
    EXPECT_EQ(told_within(group,
                          [](const HostProcess::Tell& tell) {
                              const Pool pool;
                              tell(std::to_string(pool.workers()));
                          }),
              "2");
}

TEST(CgroupsOfAMachine, RefuseWhatTheirMemoryMaxDoesNotHoldBeforeTheOomKillerComes) {
    const Cgroup group("memory");
    group.set("memory.max", std::to_string(96 * mebibyte));
    const std::string told = told_within(group, [](const HostProcess::Tell& tell) {
        Pool pool({.crew = Crew::processes, .workers = 2});
        const auto fits = pool.array<std::byte>(16 * mebibyte);
        const auto does_not = pool.array<std::byte>(128 * mebibyte);
        tell("not refused");
    });
    EXPECT_TRUE(holds(told, "threw: ") && holds(told, "memory.max")) << told;
    EXPECT_EQ(group.events_of_memory("oom_kill"), 0);
}

std::string deaths_text(const std::vector<Death>& deaths) {
    std::string text;
    for (const Death& death : deaths) {
        text += std::string("; ") + (death.pid > 0 ? "a process" : "nobody") + " by " + death.how;
    }
    return text;
}

const std::string oom_death = "; a process by signal 9 (Killed)";

/// The sum of 0 to 99 by chunks of 10, where the fifth takes far too much memory at its first
/// `times` starts.
std::string job_of_a_greedy_chunk(std::uint32_t times) {
    Pool pool({.crew = Crew::processes, .workers = 2, .arena_bytes = mebibyte});
    auto starts = pool.array<std::uint32_t>(2);
    starts[1] = times;
    JobOptions<std::uint64_t> options;
    options.grain = 10;
    const auto result = map_reduce(
        pool, Range{0, 100}, starts.data(),
        [](std::uint32_t* const& start, const Chunk& chunk) {
            if (chunk.index == 5 && std::atomic_ref(start[0]).fetch_add(1) < start[1]) {
                const std::vector<char> too_much(512 * mebibyte, 'x');
                return std::uint64_t{too_much[chunk.begin] == 'x'};
            }
            std::uint64_t sum = 0;
            for (std::uint64_t i = chunk.begin; i < chunk.end; ++i) {
                sum += i;
            }
            return sum;
        },
        std::plus<>{}, options);
    return std::to_string(result.value) + deaths_text(result.report.latest_deaths);
}

TEST(CgroupsOfAMachine, HaveAWorkerThatTheOomKillerTookReplacedAndNamedAndItsChunkRunAgain) {
    const Cgroup group("greedy");
    group.set("memory.max", std::to_string(96 * mebibyte));
    EXPECT_EQ(
        told_within(group, [](const HostProcess::Tell& tell) { tell(job_of_a_greedy_chunk(2)); }),
        "4950" + oom_death + oom_death);
    EXPECT_EQ(group.events_of_memory("oom_kill"), 2);
}

TEST(CgroupsOfAMachine, HaveAWorkerThatTheOomKillerTookNamedWhereItsChunkFails) {
    const Cgroup group("poison");
    group.set("memory.max", std::to_string(96 * mebibyte));
    const std::string told = told_within(group, [](const HostProcess::Tell& tell) {
        try {
            tell(job_of_a_greedy_chunk(100));
        } catch (const JobFailed& failed) {
            tell(std::to_string(failed.details().chunk.index) +
                 deaths_text(failed.details().deaths));
        }
    });
    EXPECT_EQ(told, "5" + oom_death + oom_death + oom_death);
}

TEST(CgroupsOfAMachine, RefuseAPoolByTheNameOfTheirPidsMax) {
    const Cgroup group("pids");
    group.set("pids.max", "3");
    const std::string told = told_within(group, [](const HostProcess::Tell& tell) {
        const Pool pool({.crew = Crew::processes, .workers = 4});
        tell("not refused");
    });
    EXPECT_TRUE(holds(told, "threw: ") && holds(told, "pids.max")) << told;
}

}  // namespace
}  // namespace pinfold
