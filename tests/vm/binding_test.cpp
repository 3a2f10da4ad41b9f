// Workers on a machine of this shape: where the report says that they are, and where they should
// be.

#include <gtest/gtest.h>

#include <set>

#include "machine_files.hpp"
#include "make_pool.hpp"
#include "seen_workers.hpp"

namespace pinfold {
namespace {

using testing::SeenWorker;

class WorkersOfAMachine : public ::testing::Test {
  protected:
    std::vector<SeenWorker> of_a_pool(int workers, const std::string& pin = "cores") {
        Pool pool = testing::make_pool(Crew::processes, workers, pin);
        return testing::seen_workers(pool, *meeting_);
    }

    testing::Shared<testing::Meeting> meeting_;
};

std::multiset<std::string> cores_of(const std::vector<SeenWorker>& workers) {
    std::multiset<std::string> cores;
    for (const SeenWorker& worker : workers) {
        cores.insert(testing::core_of(worker.cpu));
    }
    return cores;
}

std::size_t count_cores() {
    std::set<std::string> cores;
    for (const int cpu : testing::cpus_on_line()) {
        cores.insert(testing::core_of(cpu));
    }
    return cores.size();
}

TEST_F(WorkersOfAMachine, AreBoundAsReportedWithOneOnEachCpu) {
    const std::vector<int> cpus = testing::cpus_on_line();
    for (const char* const pin : {"cores", "compact"}) {
        std::set<int> used;
        for (const SeenWorker& worker : of_a_pool(static_cast<int>(cpus.size()), pin)) {
            EXPECT_EQ(worker.allowed, 1);
            EXPECT_EQ(worker.told_cpu, worker.cpu);
            EXPECT_EQ(worker.told_later, worker.cpu);
            used.insert(worker.cpu);
        }
        EXPECT_EQ(std::vector<int>(used.begin(), used.end()), cpus) << pin;
    }
}

TEST_F(WorkersOfAMachine, UseSmtSiblingsLast) {
    const std::size_t cores = count_cores();
    if (testing::cpus_on_line().size() == cores) {
        GTEST_SKIP() << "this machine has no SMT";
    }
    const std::multiset<std::string> alone = cores_of(of_a_pool(0));
    EXPECT_EQ(alone.size(), cores) << "as many workers as cores, where nobody asks for a number";
    EXPECT_EQ(std::set<std::string>(alone.begin(), alone.end()).size(), cores);
    const std::multiset<std::string> one_more = cores_of(of_a_pool(static_cast<int>(cores) + 1));
    EXPECT_EQ(one_more.size(), cores + 1);
    EXPECT_EQ(std::set<std::string>(one_more.begin(), one_more.end()).size(), cores);
}

TEST_F(WorkersOfAMachine, AreOneOnEachNodeWhereThereAreAsMany) {
    const std::map<int, int> nodes = testing::nodes_of_cpus();
    std::set<int> all;
    for (const auto& [cpu, node] : nodes) {
        all.insert(node);
    }
    std::set<int> used;
    for (const SeenWorker& worker : of_a_pool(static_cast<int>(all.size()))) {
        used.insert(nodes.at(worker.cpu));
    }
    EXPECT_EQ(used, all);
}

}  // namespace
}  // namespace pinfold
