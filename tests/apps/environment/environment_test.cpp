#include "environment/environment.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "recorded_machines.hpp"

namespace pinfold::apps {
namespace {

/// A machine that was laid out below a folder, and how it looks.
class Machine {
  public:
    explicit Machine(void (*lay_out)(const test::FakeRoot&)) {
        lay_out(root);
        look();
    }

    void look() { environment = look_at_machine({.root = root.path()}); }

    [[nodiscard]] std::string text(const std::string& group, const std::string& name) const {
        const Fact* const fact = find_fact(environment.facts, group, name);
        return fact == nullptr ? "there is no such fact" : fact->text;
    }
    [[nodiscard]] double number(const std::string& group, const std::string& name) const {
        const Fact* const fact = find_fact(environment.facts, group, name);
        return fact == nullptr ? -1 : fact->number.value_or(-1);
    }
    [[nodiscard]] bool warns(int workers, const std::string& part) const {
        return std::ranges::any_of(warnings_of(environment, workers), [&](const std::string& text) {
            return text.find(part) != std::string::npos;
        });
    }

    test::FakeRoot root;
    Environment environment;
};

void nothing(const test::FakeRoot& /*unused*/) {}

TEST(EnvironmentOf, BareMetalIsToldInFull) {
    const Machine machine(test::lay_out_bare_metal);
    EXPECT_EQ(machine.text("CPU", "model"), "AMD Ryzen 3 3200");
    EXPECT_EQ(machine.environment.usable_cpus, 4);
    EXPECT_EQ(machine.environment.usable_cores, 2);
    EXPECT_EQ(machine.number("CPU", "threads of a core in use"), 2);
    EXPECT_EQ(machine.text("CPU", "SMT"), "on");
    EXPECT_EQ(machine.number("CPU", "L1 cache"), 32 * 1024);
    EXPECT_EQ(machine.text("CPU", "L3 cache"), "16 MiB, shared by CPUs 0-3");
    EXPECT_EQ(machine.text("CPU", "governor"), "performance, schedutil");
    EXPECT_EQ(machine.text("CPU", "turbo"), "on");
    EXPECT_DOUBLE_EQ(machine.number("CPU", "frequency now"), 1.55e9);
    EXPECT_EQ(machine.text("CPU", "largest frequency"), "4.000 GHz");
    EXPECT_EQ(machine.text("memory", "total"), "31.25 GiB");
    EXPECT_EQ(machine.text("memory", "transparent huge pages"), "always");
    EXPECT_EQ(machine.text("limits", "CPU quota"), "none");
    EXPECT_EQ(machine.text("limits", "address space"), "unlimited");
    EXPECT_EQ(machine.text("limits", "stack"), "8 MiB");
    EXPECT_EQ(machine.number("limits", "processes of the user"), 127235);
    EXPECT_EQ(machine.text("system", "kernel"), "Linux 6.1.0-18-amd64");
    EXPECT_EQ(machine.text("system", "distribution"), "Debian GNU/Linux 12");
    EXPECT_EQ(machine.text("system", "hypervisor"), "none");
    EXPECT_EQ(machine.number("system", "load average of a minute"), 0.1);
    EXPECT_EQ(machine.number("system", "time in which something waited for a CPU"), 1.25);
    EXPECT_EQ(machine.number("system", "steal since the start"), 0);
    EXPECT_EQ(machine.environment.topology_xml, "");
}

TEST(EnvironmentOf, BareMetalWarnsOfItsClockThreadsAndPages) {
    const Machine machine(test::lay_out_bare_metal);
    EXPECT_TRUE(machine.warns(1, "governor is performance, schedutil"));
    EXPECT_TRUE(machine.warns(1, "Turbo is on"));
    EXPECT_TRUE(machine.warns(1, "huge pages are always on"));
    EXPECT_FALSE(machine.warns(2, "usable cores"));
    EXPECT_TRUE(machine.warns(3, "3 workers are more than the 2 usable cores"));
    EXPECT_FALSE(machine.warns(4, "share 4 usable CPUs"));
    EXPECT_TRUE(machine.warns(5, "5 workers share 4 usable CPUs"));
    for (const char* const absent :
         {"hypervisor", "virtual", "cgroup", "load average", "Other programs"}) {
        EXPECT_FALSE(machine.warns(4, absent)) << absent;
    }
}

TEST(EnvironmentOf, AVirtualMachineHidesWhatItHides) {
    const Machine machine(test::lay_out_virtual_machine);
    EXPECT_EQ(machine.text("system", "hypervisor"), "yes: QEMU Standard PC");
    for (const char* const name : {"governor", "turbo", "largest frequency", "SMT", "packages"}) {
        EXPECT_EQ(machine.text("CPU", name), "unknown") << name;
        EXPECT_EQ(machine.number("CPU", name), -1) << name;
    }
    EXPECT_EQ(machine.text("system", "time in which something waited for a CPU"), "unknown");
    // Its kernel counts no steal: that is not the same as none.
    EXPECT_EQ(machine.text("system", "steal since the start"), "unknown");
    EXPECT_TRUE(machine.warns(1, "does not tell its frequency governor"));
    EXPECT_TRUE(machine.warns(1, "virtual machine"));
    EXPECT_TRUE(machine.warns(1, "load average was 3.5"));
    EXPECT_FALSE(machine.warns(1, "huge pages"));
}

TEST(EnvironmentOf, AContainerHasAQuota) {
    const Machine machine(test::lay_out_container);
    EXPECT_EQ(machine.number("limits", "CPU quota"), 1.5);
    EXPECT_EQ(machine.number("limits", "held back by quotas until now"), 0.5);
    EXPECT_EQ(machine.number("system", "steal since the start"), 5);
    EXPECT_EQ(machine.text("system", "hypervisor"), "yes, its name is not told");
    EXPECT_EQ(machine.text("CPU", "model"), "unknown");
    EXPECT_TRUE(machine.warns(2, "grants 1.5 CPUs"));
    EXPECT_FALSE(machine.warns(1, "grants 1.5 CPUs"));
    EXPECT_TRUE(machine.warns(1, "taken 5 % of the CPUs' time"));
}

TEST(EnvironmentOf, NothingAtAllIsUnknownAndNeverZero) {
    const Machine machine(nothing);
    const std::set<std::pair<std::string, std::string>> known{{"CPU", "usable CPUs"},
                                                              {"CPU", "usable cores"}};
    for (const Fact& fact : machine.environment.facts) {
        if (fact.group != "build" && !known.contains({fact.group, fact.name})) {
            EXPECT_EQ(fact.text, "unknown") << fact.group << ", " << fact.name;
            EXPECT_FALSE(fact.number) << fact.group << ", " << fact.name;
            EXPECT_EQ(fact.unit, "") << fact.group << ", " << fact.name;
        }
    }
    EXPECT_TRUE(machine.warns(1, "does not tell whether a hypervisor"));
}

TEST(EnvironmentOf, ArmHardwareNamesItsPartsByNumber) {
    Machine machine(nothing);
    machine.root.write("proc/cpuinfo",
                       "processor\t: 0\nCPU implementer\t: 0x41\nCPU part\t: 0xd40\n");
    machine.root.write("sys/class/dmi/id/sys_vendor", "Amazon EC2\n");
    machine.root.write("sys/class/dmi/id/product_name", "c7g.metal\n");
    machine.look();
    EXPECT_EQ(machine.text("CPU", "model"), "implementer 0x41, part 0xd40");
    EXPECT_EQ(machine.text("system", "hypervisor"), "none");
    machine.root.write("sys/class/dmi/id/product_name", "c7g.xlarge\n");
    machine.look();
    EXPECT_EQ(machine.text("system", "hypervisor"), "yes: Amazon EC2 c7g.xlarge");
}

TEST(EnvironmentOf, FilesThatMakeNoSenseTellNothing) {
    Machine machine(nothing);
    for (const char* const file :
         {"proc/stat", "proc/loadavg", "proc/meminfo", "proc/cpuinfo", "proc/pressure/cpu",
          "proc/self/limits", "sys/devices/system/cpu/online", "sys/devices/system/cpu/smt/active",
          "sys/kernel/mm/transparent_hugepage/enabled"}) {
        machine.root.write(file, std::string("cpu  what\0ever: ] [\n\n", 20));
    }
    machine.look();
    EXPECT_EQ(machine.text("CPU", "SMT"), "unknown");
    EXPECT_EQ(machine.text("memory", "total"), "unknown");
    EXPECT_EQ(machine.text("system", "load average of a minute"), "unknown");
    EXPECT_EQ(machine.environment.usable_cpus, 1);
}

TEST(EnvironmentOf, ThisMachineNamesEachFactOnce) {
    const Environment environment = look_at_machine({.measure = false});
    std::set<std::pair<std::string, std::string>> names;
    for (const Fact& fact : environment.facts) {
        EXPECT_TRUE(names.emplace(fact.group, fact.name).second) << fact.group << fact.name;
        EXPECT_FALSE(fact.text.empty()) << fact.name;
    }
    EXPECT_GE(environment.usable_cpus, environment.usable_cores);
    EXPECT_EQ(find_fact(environment.facts, "CPU", "clock with one core busy")->text, "unknown");
    EXPECT_NE(environment.topology_xml.find("<topology"), std::string::npos);
    EXPECT_NE(find_fact(environment.facts, "build", "compiler")->text, "unknown");
}

TEST(EnvironmentOf, AMachineWhoseClockFallsWarns) {
    Environment environment;
    environment.facts = {{"CPU", "clock with one core busy", "", 4e9, "Hz"},
                         {"CPU", "clock with all cores busy", "", 3e9, "Hz"}};
    const auto warnings = warnings_of(environment, 1);
    EXPECT_TRUE(std::ranges::any_of(warnings, [](const std::string& text) {
        return text.find("near 0.75") != std::string::npos;
    }));
}

}  // namespace
}  // namespace pinfold::apps
