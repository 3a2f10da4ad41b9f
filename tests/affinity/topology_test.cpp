#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <pinfold/affinity/binding.hpp>
#include <pinfold/affinity/topology.hpp>
#include <thread>

#include "error_text.hpp"

namespace pinfold::affinity {
namespace {

using test::names;
using test::refusal;
using List = std::vector<int>;

std::filesystem::path recorded(const std::string& name) {
    return std::filesystem::path(PINFOLD_TOPOLOGIES) / (name + ".xml");
}

std::string text_of(const std::filesystem::path& file) {
    std::ifstream stream(file);
    return {std::istreambuf_iterator<char>(stream), {}};
}

/// A file that goes away with the test.
class TemporaryFile {
  public:
    explicit TemporaryFile(const std::string& text)
        : path_(std::filesystem::path(testing::TempDir()) /
                ("pinfold_topology_" + std::to_string(getpid()) + ".xml")) {
        std::ofstream(path_) << text;
    }
    ~TemporaryFile() { std::filesystem::remove(path_); }
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

std::string refusal_of_record(const std::string& xml) {
    const TemporaryFile file(xml);
    return refusal([&] { (void)Topology::from_xml(file.path()); });
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    const auto at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
}

List values(const Topology& topology, int Pu::*member) {
    List list;
    std::ranges::transform(topology.pus(), std::back_inserter(list), member);
    return list;
}

TEST(Topology, ThisMachineIsWhatTheCallingThreadMayUse) {
    const auto machine = Topology::this_machine();
    EXPECT_EQ(machine.cpus(), bound_cpus());
    EXPECT_GE(machine.cores(), 1);
    EXPECT_LE(machine.cores(), static_cast<int>(machine.pus().size()));
}

TEST(Topology, ThisMachineShrinksWithTheAffinityMask) {
    const int cpu = bound_cpus().back();
    const ScopedBinding binding(cpu);
    const auto machine = Topology::this_machine();
    EXPECT_EQ(machine.cpus(), List{cpu});
    EXPECT_EQ(machine.pus()[0].core, 0);
    EXPECT_EQ(machine.pus()[0].smt_rank, 0);
}

TEST(Topology, AnotherThreadsMaskDoesNotCount) {
    const auto all = bound_cpus();
    std::thread([&] {
        const ScopedBinding binding(all.front());
        EXPECT_EQ(Topology::this_machine().cpus(), List{all.front()});
    }).join();
    EXPECT_EQ(Topology::this_machine().cpus(), all);
}

TEST(Topology, ThisMachineAsXmlIsARecordOfIt) {
    const TemporaryFile file(this_machine_xml());
    const auto recorded_here = Topology::from_xml(file.path());
    for (const int cpu : Topology::this_machine().cpus()) {
        EXPECT_NE(recorded_here.find_pu(cpu), nullptr) << "CPU " << cpu;
    }
}

TEST(Topology, ReadsASyntheticMachine) {
    const auto machine = Topology::synthetic("pack:2 l3:2 core:2 pu:2");
    EXPECT_EQ(machine.pus().size(), 16U);
    EXPECT_EQ(machine.cores(), 8);
    EXPECT_EQ(values(machine, &Pu::package),
              (List{0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1}));
    EXPECT_EQ(values(machine, &Pu::l3), (List{0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3}));
    EXPECT_EQ(values(machine, &Pu::core), (List{0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7}));
    EXPECT_EQ(machine.pus()[3].smt_rank, 1);
}

TEST(Topology, IsAValue) {
    const auto machine = Topology::synthetic("pack:2 core:2 pu:1");
    auto other = machine;
    EXPECT_EQ(other, machine);
    other = Topology::synthetic("pack:2 core:3 pu:1");
    EXPECT_NE(other, machine);
    EXPECT_EQ(other.find_pu(5)->package, 1);
    EXPECT_EQ(other.find_pu(6), nullptr);
    EXPECT_EQ(other.find_numa_node(1), nullptr);
}

TEST(Topology, GivesEveryPuACoreWhereTheRecordHasNone) {
    const auto machine = Topology::from_xml(recorded("8intel64-4n2t-memattrs"));
    EXPECT_EQ(values(machine, &Pu::core), (List{0, 1, 2, 3, 4, 5, 6, 7}));
    EXPECT_EQ(values(machine, &Pu::package), List(8, -1));
    EXPECT_EQ(values(machine, &Pu::l3), List(8, -1));
    EXPECT_EQ(values(machine, &Pu::numa_node), (List{0, 0, 1, 1, 2, 2, 3, 3}));
}

TEST(Topology, LeavesOfflineCpusOut) {
    const auto machine = Topology::from_xml(recorded("16em64t-4s2c2t-offlines"));
    EXPECT_EQ(machine.cpus(), (List{0, 1, 3, 4, 6, 12, 15}));
    EXPECT_EQ(machine.cores(), 6);
    EXPECT_EQ(machine.find_pu(4)->core, machine.find_pu(12)->core);
    EXPECT_EQ(machine.find_pu(12)->smt_rank, 1);
}

TEST(Topology, LeavesDisallowedCpusOutAndKeepsNodesOfMemoryAlone) {
    const auto machine = Topology::from_xml(recorded("16amd64-8n2c-cpusets"));
    EXPECT_EQ(machine.cpus(), (List{0, 1, 2, 3, 5, 6, 12, 13, 14, 15}));
    EXPECT_EQ(machine.find_pu(0)->numa_node, -1);
    EXPECT_EQ(machine.find_pu(2)->numa_node, 1);
    ASSERT_NE(machine.find_numa_node(5), nullptr);
    EXPECT_EQ(machine.find_numa_node(5)->bytes, 8589934592);
    EXPECT_TRUE(machine.find_numa_node(5)->cpus.empty());
    EXPECT_EQ(machine.find_numa_node(0), nullptr);
}

TEST(Topology, TellsHowFarNodesAreFromEachOther) {
    const auto even = Topology::from_xml(recorded("96em64t-4n4d3ca2co-pci"));
    using Row = std::vector<std::uint64_t>;
    EXPECT_EQ(even.find_numa_node(0)->distances, (Row{10, 26, 26, 26}));
    EXPECT_EQ(even.find_numa_node(2)->distances, (Row{26, 26, 10, 26}));
    EXPECT_TRUE(even.find_numa_node(2)->bandwidths.empty());
    EXPECT_TRUE(Topology::from_xml(recorded("fakecpukinds")).numa_nodes()[0].distances.empty());
}

// Each part of this machine knows its own two kinds of memory, and nothing of the others'.
TEST(Topology, TellsHowFastNodesAre) {
    const auto machine = Topology::from_xml(recorded("64intel64-fakeKNL-SNC4-hybrid"));
    for (const auto& from : machine.numa_nodes()) {
        ASSERT_EQ(from.bandwidths.size(), machine.numa_nodes().size());
        for (std::size_t i = 0; i < from.bandwidths.size(); ++i) {
            const auto& to = machine.numa_nodes()[i];
            const std::uint64_t expected = to.os_index < 4 ? 22500 : 90000;
            EXPECT_EQ(from.bandwidths[i], from.cpus == to.cpus ? expected : 0)
                << from.os_index << " to " << to.os_index;
        }
    }
}

// One value is for all CPUs of the machine.
TEST(Topology, TakesABandwidthOfAllCpusForEachOfThem) {
    const auto machine = Topology::from_xml(recorded("8intel64-4n2t-memattrs"));
    for (const auto& node : machine.numa_nodes()) {
        EXPECT_EQ(node.bandwidths, (std::vector<std::uint64_t>{0, 20, 0, 0}));
    }
}

TEST(Topology, TakesOrdinaryMemoryAsNearestWhereThereAreTwoNodes) {
    const auto machine = Topology::from_xml(recorded("64intel64-fakeKNL-SNC4-hybrid"));
    EXPECT_EQ(machine.cores(), 16);
    EXPECT_EQ(machine.numa_nodes().size(), 8U);
    EXPECT_EQ(machine.find_pu(63)->numa_node, 3);
    EXPECT_EQ(machine.find_pu(63)->smt_rank, 3);
    EXPECT_EQ(machine.find_numa_node(7)->cpus, machine.find_numa_node(0)->cpus);
}

TEST(Topology, RanksCoreKindsAndPutsTheFasterSiblingFirst) {
    const auto machine = Topology::from_xml(recorded("fakecpukinds"));
    const std::map<int, int> kinds{{0, 0}, {1, 0}, {2, 1}, {3, 2}};
    for (const auto& [cpu, kind] : kinds) {
        EXPECT_EQ(machine.find_pu(cpu)->kind, kind) << "CPU " << cpu;
        EXPECT_EQ(machine.find_pu(cpu)->smt_rank, cpu < 2 ? 1 : 0) << "CPU " << cpu;
    }
}

TEST(Topology, ReadsPackagesInsideOfNodes) {
    const auto machine = Topology::from_xml(recorded("96em64t-4n4d3ca2co-pci"));
    EXPECT_EQ(machine.cores(), 96);
    EXPECT_EQ(machine.pus().back().package, 15);
    EXPECT_EQ(machine.pus().back().l3, 15);
    EXPECT_EQ(machine.pus().back().numa_node, 3);
}

TEST(Topology, NamesADescriptionItDoesNotUnderstand) {
    for (const std::string text :
         {"", "bogus", "pack:0", "pack:x", "pack:-1", "core:2 pack:2 pack:2"}) {
        EXPECT_TRUE(names(refusal([&] { (void)Topology::synthetic(text); }), "'" + text + "'"));
    }
}

TEST(Topology, RefusesADescriptionThatHwlocWouldReadInPart) {
    const std::string text("core:2\0core:2", 13);
    EXPECT_TRUE(names(refusal([&] { (void)Topology::synthetic(text); }), "NUL"));
}

TEST(Topology, RefusesMoreCpusThanLinuxHasAtOnce) {
    for (const std::string text : {"pu:8193", "pack:2 core:200000 pu:2", "4096 [numa] 4096 4096"}) {
        EXPECT_TRUE(names(refusal([&] { (void)Topology::synthetic(text); }), "8192"));
    }
}

TEST(Topology, NamesAFileThatIsNoRecord) {
    for (const std::string file : {"/nonexistent.xml", "/", "/dev/null", "/proc/self/exe"}) {
        EXPECT_TRUE(names(refusal([&] { (void)Topology::from_xml(file); }), "'" + file + "'"));
    }
    EXPECT_TRUE(names(refusal([] { (void)Topology::from_xml("/dev/zero"); }), "64 MiB"));
}

TEST(Topology, RefusesRecordsThatWouldCrashHwloc) {
    const auto good = text_of(recorded("fakecpukinds"));
    const std::string node =
        good.substr(good.find("<object type=\"NUMANode"),
                    good.find("<object type=\"Core") - good.find("<object type=\"NUMANode"));
    const std::map<std::string, std::string> bad{
        {replaced(good, node, node + node), "number 0 appears twice"},
        {replaced(good, " complete_nodeset=", " other="), "line 4"},
        {replaced(good, " cpuset=\"0x00000005\"", ""), "cpuset"},
        {replaced(good, "cpuset=\"0x00000005\"", "cpuset=\"0xf...f\""), "cpuset"},
        {replaced(good, "os_index=\"3\"", "os_index=\"8192\""), "8191"},
        {replaced(good, "version=\"2.0\"", "version=\"1.0\""), "hwloc 2"},
        {replaced(good, "type=\"Machine\"", "type=\"Package\""), "Machine"},
        {replaced(good, "allowed_cpuset=\"0x0000000f\"", "allowed_cpuset=\"0x0\""), "no PU"},
        {replaced(good, "hwloc2.dtd\"", "x\" [<!ENTITY a \"b\">]"), "declarations"},
        {good.substr(0, good.size() / 2), ""},
    };
    for (const auto& [xml, part] : bad) {
        EXPECT_TRUE(names(refusal_of_record(xml), part));
    }
}

TEST(Topology, RefusesARecordThatIsNestedToTheSky) {
    const auto good = text_of(recorded("fakecpukinds"));
    const std::string group =
        "<object type=\"Group\" cpuset=\"0xf\" complete_cpuset=\"0xf\" nodeset=\"0x1\" "
        "complete_nodeset=\"0x1\">";
    std::string deep;
    for (int depth = 0; depth < 10000; ++depth) {
        deep += group;
    }
    EXPECT_TRUE(names(refusal_of_record(replaced(good, "<object type=\"Package",
                                                 deep + "<object type=\"Package")),
                      "deeper than"));
}

TEST(Topology, RefusesPartsThatMakeNoMachine) {
    EXPECT_TRUE(names(refusal([] { (void)Topology({}, {}); }), "without any usable CPU"));
    EXPECT_TRUE(names(refusal([] { (void)Topology({{.os_index = -1}}, {}); }), "CPU -1"));
    EXPECT_TRUE(names(refusal([] { (void)Topology({{.os_index = 9000}}, {}); }), "CPU 9000"));
    EXPECT_TRUE(names(refusal([] { (void)Topology({Pu{}, Pu{}}, {}); }), "CPU 0 appears twice"));
}

}  // namespace
}  // namespace pinfold::affinity
