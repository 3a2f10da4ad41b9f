// Options that a program leaves at their defaults, and what the environment makes of them.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <chrono>
#include <functional>
#include <map>
#include <pinfold/engine/environment.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "crews.hpp"
#include "leftovers.hpp"

namespace pinfold {
namespace {

using testing::Empty;

std::map<std::string, std::string> variables;

const char* variable(const char* name) {
    const auto at = variables.find(name);
    return at == variables.end() ? nullptr : at->second.c_str();
}

PoolOptions filled(const PoolOptions& options,
                   const std::map<std::string, std::string>& environment) {
    variables = environment;
    return with_environment(options, variable);
}

void expect_filled(const PoolOptions& options, Crew crew, int workers, const std::string& pin) {
    EXPECT_EQ(options.crew, crew);
    EXPECT_EQ(options.workers, workers);
    EXPECT_EQ(options.pin, pin);
}

std::string refusal(const std::function<void()>& call) {
    try {
        call();
    } catch (const std::invalid_argument& e) {
        return e.what();
    }
    return "not refused";
}

TEST(Environment, FillsWhatWasLeftAtItsDefault) {
    expect_filled(filled({}, {}), Crew::processes, 0, "cores");
    expect_filled(filled({}, {{"PINFOLD_CREW", "threads"}}), Crew::threads, 0, "cores");
    expect_filled(filled({}, {{"PINFOLD_WORKERS", "24"}}), Crew::processes, 24, "cores");
    expect_filled(filled({}, {{"PINFOLD_PIN", "compact@numa:0"}}), Crew::processes, 0,
                  "compact@numa:0");
    expect_filled(filled({}, {{"PINFOLD_CREW", ""}, {"PINFOLD_WORKERS", ""}, {"PINFOLD_PIN", ""}}),
                  Crew::processes, 0, "cores");
}

TEST(Environment, IsNotLookedAtForWhatIsGiven) {
    const PoolOptions given{
        .crew = Crew::serial, .workers = 3, .pin = "none", .arena_bytes = std::size_t{1} << 20};
    const PoolOptions options = filled(
        given, {{"PINFOLD_CREW", "gpu"}, {"PINFOLD_WORKERS", "-1"}, {"PINFOLD_PIN", "sideways"}});
    expect_filled(options, Crew::serial, 3, "none");
    EXPECT_EQ(options.arena_bytes, given.arena_bytes);
    expect_filled(with_environment(filled({}, {{"PINFOLD_CREW", "threads"}}), variable),
                  Crew::threads, 0, "cores");
}

TEST(Environment, IsRefusedByVariableValueAndLimit) {
    EXPECT_EQ(refusal([] {
                  (void)filled({}, {{"PINFOLD_CREW", "gpu"}});
              }),
              "PINFOLD_CREW=gpu: crew 'gpu' is not one of serial, threads, processes");
    EXPECT_EQ(refusal([] {
                  (void)filled({}, {{"PINFOLD_CREW", "automatic"}});
              }),
              "PINFOLD_CREW=automatic: crew 'automatic' is not one of serial, threads, processes");
    for (const std::string text : {"0", "-1", "1025", "four", "2.5", " 2", "81918191999"}) {
        EXPECT_EQ(
            refusal([&] {
                (void)filled({}, {{"PINFOLD_WORKERS", text}});
            }),
            "PINFOLD_WORKERS=" + text + ": workers '" + text + "' is not a number of 1 to 1024");
    }
    EXPECT_TRUE(refusal([] {
                    (void)filled({}, {{"PINFOLD_PIN", "sideways"}});
                }).starts_with("PINFOLD_PIN=sideways: pin policy 'sideways' is not cores"));
}

/// Sets variables of this process's environment while it stands.
class PoolsInAnEnvironment : public testing::NothingLeft {
  protected:
    void TearDown() override {
        for (const char* const name : {"PINFOLD_CREW", "PINFOLD_WORKERS", "PINFOLD_PIN"}) {
            unsetenv(name);
        }
        NothingLeft::TearDown();
    }
};

TEST_F(PoolsInAnEnvironment, AreMadeAsItSays) {
    setenv("PINFOLD_CREW", "threads", 1);
    setenv("PINFOLD_WORKERS", "3", 1);
    setenv("PINFOLD_PIN", "none", 1);
    Pool pool;
    EXPECT_EQ(pool.crew(), Crew::threads);
    EXPECT_EQ(pool.workers(), 3);
    const auto job = map_reduce(pool, Range{0, 100}, Empty{}, testing::sum_map, std::plus<>{});
    EXPECT_EQ(job.report.workers.at(0).cpu, -1);
    Pool given({.crew = Crew::processes, .workers = 1, .pin = "cores"});
    EXPECT_EQ(given.crew(), Crew::processes);
    EXPECT_EQ(given.workers(), 1);
    setenv("PINFOLD_CREW", "serial", 1);
    const Pool later;
    EXPECT_EQ(later.crew(), Crew::serial);
    EXPECT_EQ(later.workers(), 1);
    int here = 0;
    map_reduce_forked(
        {}, Range{0, 10}, [&](const Chunk&) { return ++here; }, std::plus<>{});
    EXPECT_EQ(here, 10);
}

TEST_F(PoolsInAnEnvironment, RefuseWhatItsCrewCannotGive) {
    setenv("PINFOLD_CREW", "threads", 1);
    EXPECT_EQ(refusal([] { const Pool pool({.worker_memory_limit = 1}); }),
              "worker_memory_limit needs the crew 'processes', not 'threads', which PINFOLD_CREW "
              "says");
    JobOptions<std::uint64_t> options;
    options.chunk_deadline = std::chrono::seconds(1);
    const std::string text =
        "chunk_deadline needs the crew 'processes', not 'threads', which PINFOLD_CREW says";
    Pool pool({.workers = 1, .pin = "none"});
    EXPECT_EQ(refusal([&] {
                  map_reduce(pool, Range{0, 1}, Empty{}, testing::sum_map, std::plus<>{}, options);
              }),
              text);
    EXPECT_EQ(refusal([&] {
                  map_reduce_forked(
                      {}, Range{0, 1}, [](const Chunk&) { return std::uint64_t{1}; }, std::plus<>{},
                      options);
              }),
              text);
}

TEST_F(PoolsInAnEnvironment, NameTheVariableThatTheMachineCannotGive) {
    setenv("PINFOLD_PIN", "8191", 1);
    const std::string no_cpu = refusal([] { const Pool pool({.workers = 1}); });
    EXPECT_TRUE(no_cpu.starts_with("CPU 8191") && no_cpu.ends_with("; PINFOLD_PIN is 8191"))
        << no_cpu;
    setenv("PINFOLD_PIN", "cores", 1);
    EXPECT_EQ(refusal([] { const Pool pool({.pin = "8191"}); }).find("PINFOLD"), std::string::npos);
}

TEST(SerialPools, RunAsOneWorkerWhateverIsAskedFor) {
    for (const int workers : {0, 1, 2, max_workers}) {
        Pool pool({.crew = Crew::serial, .workers = workers});
        EXPECT_EQ(pool.workers(), 1);
        const auto sum = map_reduce(pool, Range{0, 100}, Empty{}, testing::sum_map, std::plus<>{});
        EXPECT_EQ(sum.value, testing::sum_below(100));
        EXPECT_EQ(sum.report.workers.size(), 1U);
    }
    EXPECT_NE(refusal([] { const Pool pool({.crew = Crew::serial, .workers = max_workers + 1}); }),
              "not refused");
}

}  // namespace
}  // namespace pinfold
