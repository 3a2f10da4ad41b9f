// `pinfold topo`, run as a user runs it, on recorded machines whose plans are known.

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <thread>

#include "command.hpp"
#include "parsed_json.hpp"

namespace pinfold::apps {
namespace {

using Json = ParsedJson;

std::string recorded(const std::string& name) {
    return PINFOLD_TOPOLOGIES "/" + name + ".xml";
}

Outcome topo(Command::Arguments arguments,
             const Command::Arguments& environment = {"PINFOLD_WORKERS=", "PINFOLD_PIN="}) {
    arguments.insert(arguments.begin(), "topo");
    return run_command(arguments, Stdout::captured, environment);
}

Json json_of(Command::Arguments arguments) {
    arguments.emplace_back("--json");
    const Outcome outcome = topo(arguments);
    EXPECT_EQ(outcome.status, 0) << outcome.error;
    return Json::parse(outcome.output);
}

void expect_refusal(const Command::Arguments& arguments, const std::string& part) {
    const Outcome outcome = topo(arguments);
    EXPECT_EQ(outcome.status, 2);
    EXPECT_EQ(outcome.output, "");
    EXPECT_EQ(outcome.error.find('\n') + 1, outcome.error.size()) << outcome.error;
    EXPECT_NE(outcome.error.find(part), std::string::npos) << outcome.error;
}

TEST(TopoCommand, PlansAsTheEnvironmentSays) {
    const Outcome outcome = topo({"--xml", recorded("fakecpukinds"), "--workers", "1"},
                                 {"PINFOLD_WORKERS=7", "PINFOLD_PIN=scatter"});
    EXPECT_EQ(outcome.status, 0) << outcome.error;
    EXPECT_NE(outcome.output.find("Workers by default: 7"), std::string::npos) << outcome.output;
    EXPECT_NE(outcome.output.find("Workers pinned by scatter:"), std::string::npos);
}

TEST(TopoCommand, ShowsARecordedMachineAndItsPlan) {
    const Outcome outcome =
        topo({"--xml", recorded("fakecpukinds"), "--workers", "3", "--pin", "cores"});
    EXPECT_EQ(outcome.status, 0) << outcome.error;
    EXPECT_EQ(outcome.output,
              "4 PUs, 2 cores, 0 L3 caches, 1 package, 1 NUMA node\n"
              "CPU quota: none\n"
              "Workers by default: 2\n"
              "\n"
              "PU  core  L3  package  NUMA node  SMT rank  core kind\n"
              " 0     0   -        0          0         1          0\n"
              " 2     0   -        0          0         0          1\n"
              " 1     1   -        0          0         1          0\n"
              " 3     1   -        0          0         0          2\n"
              "\n"
              "NUMA node  memory  PUs\n"
              "        0       -  0-3\n"
              "\n"
              "Workers pinned by cores:\n"
              "worker  PU  core  L3  NUMA node\n"
              "     0   3     1   -          0\n"
              "     1   2     0   -          0\n"
              "     2   0     0   -          0\n");
}

TEST(TopoCommand, PrintsJsonForScripts) {
    const Json machine =
        json_of({"--xml", recorded("16amd64-8n2c-cpusets"), "--workers", "2", "--pin", "12,5"});
    EXPECT_EQ(machine["command"], "topo");
    EXPECT_EQ(machine["pus"].size(), 10U);
    EXPECT_EQ(machine["numa_nodes"][3],
              Json::parse(R"({"numa_node":5,"bytes":8589934592,"pus":[],)"
                          R"("distances":[20,20,20,10,20],"bandwidths":[]})"));
    EXPECT_EQ(machine["plan"]["pin"], "12,5");
    EXPECT_EQ(machine["plan"]["workers"][0]["pu"], 12);
    EXPECT_EQ(machine["plan"]["workers"][0]["numa_node"], Json());
    EXPECT_EQ(machine["plan"]["workers"][1]["numa_node"], 2);
}

TEST(TopoCommand, ShowsWhatTheNodesKnowOfEachOther) {
    const Outcome far = topo({"--xml", recorded("32em64t-2n8c2t-pci-noio")});
    EXPECT_NE(far.output.find("\n\n"
                              "Distances, 10 is near:\n"
                              "from node  to 0  to 1\n"
                              "        0    10    20\n"
                              "        1    20    10\n"),
              std::string::npos)
        << far.output;
    EXPECT_EQ(far.output.find("Bandwidths"), std::string::npos);

    const Outcome fast = topo({"--xml", recorded("64intel64-fakeKNL-SNC4-hybrid")});
    EXPECT_NE(fast.output.find("\n\n"
                               "Bandwidths in MiB/s:\n"
                               "from node   to 0   to 7   to 1"),
              std::string::npos)
        << fast.output;
    EXPECT_NE(fast.output.find("\n        0  22500  90000      -"), std::string::npos)
        << fast.output;
    EXPECT_EQ(fast.output.find("Distances"), std::string::npos);
    EXPECT_EQ(json_of({"--xml", recorded("32em64t-2n8c2t-pci-noio")})["numa_nodes"][1]["distances"],
              Json::parse("[20,10]"));
}

TEST(TopoCommand, PlansOnlyWhenAsked) {
    EXPECT_FALSE(json_of({"--xml", recorded("fakecpukinds")}).contains("plan"));
    const Json machine = json_of({"--xml", recorded("96em64t-4n4d3ca2co-pci"), "--pin", "compact"});
    EXPECT_EQ(machine["plan"]["workers"].size(), 96U);
}

TEST(TopoCommand, ShowsThisMachine) {
    const Json machine = json_of({"--workers", "5"});
    EXPECT_GE(machine["pus"].size(), 1U);
    EXPECT_LE(machine["pus"].size(), std::max(1U, std::thread::hardware_concurrency()));
    EXPECT_EQ(machine["plan"]["workers"].size(), 5U);
}

TEST(TopoCommand, RefusesBadInputInOneLine) {
    expect_refusal({"--workers", "0"}, "0");
    expect_refusal({"--workers", "1e9"}, "1024");
    expect_refusal({"--workers", "many"}, "many");
    expect_refusal({"--pin", "around"}, "around");
    expect_refusal({"--pin", "8191"}, "CPU 8191");
    expect_refusal({"--xml", "/nonexistent.xml"}, "/nonexistent.xml");
    expect_refusal({"--xml", recorded("fakecpukinds"), "--pin", "4"}, "0-3");
    expect_refusal({"--xml", recorded("fakecpukinds"), "--pin", "cores@numa:1"}, "NUMA node 1");
}

TEST(TopoCommand, TellsOfAFullDisk) {
    const Outcome outcome = run_command({"topo"}, Stdout::full_disk);
    EXPECT_EQ(outcome.status, 1);
    EXPECT_NE(outcome.error, "");
}

}  // namespace
}  // namespace pinfold::apps
