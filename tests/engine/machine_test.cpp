// The machine changes, or is not what it seems: each pool looks at it anew, workers whose CPU is
// gone run unbound, and no report claims a binding that was not made.

#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <functional>
#include <pinfold/affinity/binding.hpp>
#include <pinfold/affinity/cpu_list.hpp>
#include <pinfold/affinity/usable_cpus.hpp>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "crews.hpp"
#include "process_tree.hpp"
#include "refused_call.hpp"

namespace pinfold {
namespace {

namespace fs = std::filesystem;

using testing::HostProcess;

/// Two chunks that wait for each other, so that each of two workers has one, and a third that kills
/// its worker the first time where that is asked for.
struct Meeting {
    std::uint32_t* arrived = nullptr;
    std::uint32_t* kills = nullptr;
};

std::string cpus_in_report(Pool& pool, bool with_a_kill = false) {
    auto counts = pool.array<std::uint32_t>(2);
    counts.data()[1] = with_a_kill ? 0 : 1;
    JobOptions<int> options;
    options.grain = 1;
    const auto result = map_reduce(
        pool, Range{0, 2}, Meeting{counts.data(), counts.data() + 1},
        [](const Meeting& meeting, const Chunk& chunk) {
            if (chunk.index == 1 && std::atomic_ref(*meeting.kills).fetch_add(1) == 0) {
                raise(SIGKILL);
            }
            std::atomic_ref<std::uint32_t> here(*meeting.arrived);
            ++here;
            for (int ms = 0; ms < 20'000 && here < 2; ++ms) {
                usleep(1000);
            }
            return 1;
        },
        std::plus<>{}, options);
    std::string text = result.value == 2 ? "right," : "wrong,";
    std::vector<int> cpus;
    for (const WorkerReport& worker : result.report.workers) {
        cpus.push_back(worker.cpu);
    }
    std::ranges::sort(cpus);
    for (const int cpu : cpus) {
        text += " " + std::to_string(cpu);
    }
    return text;
}

class ChangingMachine : public testing::NothingLeft, public ::testing::WithParamInterface<Crew> {
  protected:
    void SetUp() override {
        testing::bar_core_files();
        unsetenv("PINFOLD_WORKERS");
        all_ = affinity::bound_cpus();
        if (all_.size() < 2) {
            GTEST_SKIP() << "needs two CPUs";
        }
    }

    static Pool small_pool(int workers, const std::string& pin = "cores") {
        return testing::make_pool(GetParam(), workers, pin);
    }

    std::vector<int> all_;
};

TEST_P(ChangingMachine, IsReadByEachPoolAsItsThreadSeesIt) {
    const affinity::Topology topology = affinity::Topology::this_machine();
    const int usual = affinity::default_workers(topology, affinity::usable_cpus(topology));
    const std::string told = testing::told_by_host([&](const HostProcess::Tell& tell) {
        std::string workers;
        for (int round = 0; round < 3; ++round) {
            for (const int cpu : {all_.front(), all_.back()}) {
                std::thread([&] {
                    affinity::bind_this_thread(cpu);
                    workers += " " + std::to_string(small_pool(0).workers());
                }).join();
            }
            workers += " " + std::to_string(small_pool(0).workers());
        }
        tell(workers);
    });
    const std::string round = " 1 1 " + std::to_string(usual);
    EXPECT_EQ(told, round + round + round);
}

TEST_P(ChangingMachine, IsReadWhileOtherThreadsFork) {
    const std::string told = testing::told_by_host([&](const HostProcess::Tell& tell) {
        std::atomic<bool> stop{false};
        std::thread maker([&] {
            for (std::size_t i = 0; !stop; ++i) {
                affinity::bind_this_thread(all_[i % all_.size()]);
                const Pool pool = testing::make_pool(Crew::serial, 1);
            }
        });
        int right = 0;
        for (int child = 0; child < 30; ++child) {
            const pid_t pid = fork();
            if (pid == 0) {
                alarm(60);
                const Pool pool = testing::make_pool(Crew::serial, 1);
                _exit(pool.workers());
            }
            int status = 0;
            waitpid(pid, &status, 0);
            right += WIFEXITED(status) && WEXITSTATUS(status) == 1 ? 1 : 0;
        }
        stop = true;
        maker.join();
        tell(std::to_string(right));
    });
    EXPECT_EQ(told, "30");
}

/// A cpuset of its own for a host process.
class Cpuset {
  public:
    Cpuset() : folder_("/sys/fs/cgroup/cpuset/pinfold-test-" + std::to_string(getpid())) {
        std::error_code error;
        made_ = geteuid() == 0 && fs::create_directory(folder_, error);
        if (made_) {
            std::string nodes;
            std::ifstream(folder_.parent_path() / "cpuset.mems") >> nodes;
            write("cpuset.mems", nodes);
        }
    }
    ~Cpuset() {
        std::error_code ignored;
        fs::remove(folder_, ignored);
    }
    Cpuset(const Cpuset&) = delete;
    Cpuset& operator=(const Cpuset&) = delete;

    [[nodiscard]] bool is_made() const noexcept { return made_; }
    void set(const std::vector<int>& cpus) const {
        write("cpuset.cpus", affinity::format_cpu_list(cpus));
    }
    void enter() const { write("cgroup.procs", std::to_string(getpid())); }

  private:
    void write(const std::string& file, const std::string& text) const {
        std::ofstream(folder_ / file) << text << std::endl;
    }

    fs::path folder_;
    bool made_ = false;
};

/// Runs pools of two workers while the second of two CPUs leaves and comes back.
void live_through_changes(Crew crew, const Cpuset& cpuset, const std::vector<int>& both,
                          const HostProcess::Tell& tell) {
    const std::string pin = affinity::format_cpu_list(both);
    cpuset.set(both);
    cpuset.enter();
    Pool pool = testing::make_pool(crew, 2, pin);
    tell("before: " + cpus_in_report(pool));
    cpuset.set({both[0]});
    tell("without: " + cpus_in_report(pool));
    if (crew == Crew::processes) {
        tell("replaced: " + cpus_in_report(pool, true));
    }
    // Not in this thread: TBB binds the thread for which it starts others to the CPUs that it has
    // at that moment, for ever.
    std::thread([&] {
        Pool later = testing::make_pool(crew, 2, "cores");
        tell("later: " + cpus_in_report(later));
    }).join();
    try {
        const Pool refused = testing::make_pool(crew, 2, pin);
    } catch (const std::invalid_argument& e) {
        const bool says_it =
            std::string(e.what()).find("CPU " + std::to_string(both[1])) != std::string::npos;
        tell(says_it ? "the pin is refused" : e.what());
    }
    cpuset.set(both);
    Pool again = testing::make_pool(crew, 2, pin);
    tell("again: " + cpus_in_report(again));
}

TEST_P(ChangingMachine, TakesACpuAwayAndGivesItBack) {
    const Cpuset cpuset;
    if (!cpuset.is_made()) {
        GTEST_SKIP() << "needs root and a writable cgroup v1 hierarchy of cpuset";
    }
    const std::vector<int> both{all_[0], all_[1]};
    std::vector<std::string> told;
    HostProcess host([&](const HostProcess::Tell& tell) {
        live_through_changes(GetParam(), cpuset, both, tell);
    });
    for (std::string line = host.next_line(); !line.empty(); line = host.next_line()) {
        told.push_back(line);
    }
    host.wait();
    const std::string first = std::to_string(both[0]);
    const std::string pair = first + " " + std::to_string(both[1]);
    std::vector<std::string> expected{"before: right, " + pair, "without: right, -1 " + first};
    if (GetParam() == Crew::processes) {
        expected.push_back("replaced: right, -1 " + first);
    }
    expected.push_back("later: right, " + first + " " + first);
    expected.emplace_back("the pin is refused");
    expected.push_back("again: right, " + pair);
    EXPECT_EQ(told, expected);
}

TEST_P(ChangingMachine, IsReportedAsItIsWhenTheLastChunkEnds) {
    const std::string told = testing::told_by_host([&](const HostProcess::Tell& tell) {
        Pool pool = small_pool(1, std::to_string(all_[0]));
        const auto result = map_reduce(
            pool, Range{0, 1}, all_[1],
            [](const int& other_cpu, const Chunk&) {
                affinity::bind_this_thread(other_cpu);
                return 1;
            },
            std::plus<>{});
        tell(std::to_string(result.report.workers.at(0).cpu));
    });
    EXPECT_EQ(told, "-1");
}

TEST_P(ChangingMachine, ThatLetsNobodyBindIsRefusedByTheNameOfTheWayOut) {
    for (const int error : {EPERM, ENOSYS}) {
        const std::string told = testing::told_by_host([&](const HostProcess::Tell& tell) {
            testing::refuse_call(SYS_sched_setaffinity, error);
            for (const std::string& pin : {std::string("cores"), std::to_string(all_[0])}) {
                try {
                    const Pool pool = small_pool(2, pin);
                    tell("not refused");
                } catch (const std::exception& e) {
                    const std::string text = e.what();
                    if (text.find("--pin none") == std::string::npos ||
                        text.find(std::generic_category().message(error)) == std::string::npos) {
                        tell(text);
                    }
                }
            }
            Pool pool = small_pool(2, "none");
            tell(cpus_in_report(pool));
        });
        EXPECT_EQ(told, "right, -1 -1") << error;
    }
}

INSTANTIATE_TEST_SUITE_P(Engine, ChangingMachine, ::testing::Values(Crew::processes, Crew::threads),
                         [](const auto& crew) { return std::string(to_string(crew.param)); });

}  // namespace
}  // namespace pinfold
