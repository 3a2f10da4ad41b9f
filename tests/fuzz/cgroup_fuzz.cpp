// The input is the files of a machine in a fixed order, parted by lines of "---": both readers of
// cgroups look at them, that of CPU quotas and that of memory.

#include <stdlib.h>

#include <array>
#include <cmath>
#include <pinfold/affinity/memory_headroom.hpp>
#include <pinfold/affinity/usable_cpus.hpp>
#include <string>

#include "fake_root.hpp"
#include "fuzz_target.hpp"

namespace pinfold::fuzz {
namespace {

using test::FakeRoot;

constexpr std::array files{
    "proc/self/cgroup",
    "proc/self/mountinfo",
    "sys/fs/cgroup/cpu.max",
    "sys/fs/cgroup/job/cpu.max",
    "sys/fs/cgroup/cpu/job/cpu.cfs_quota_us",
    "sys/fs/cgroup/cpu/job/cpu.cfs_period_us",
    "proc/meminfo",
    "sys/fs/cgroup/memory.max",
    "sys/fs/cgroup/memory.current",
    "sys/fs/cgroup/job/memory.high",
    "sys/fs/cgroup/job/memory.current",
    "sys/fs/cgroup/job/memory.stat",
    "sys/fs/cgroup/memory/job/memory.limit_in_bytes",
    "sys/fs/cgroup/memory/job/memory.usage_in_bytes",
};

/// Files without a content are empty.
void write(const FakeRoot& root, const std::vector<std::string_view>& contents) {
    for (std::size_t i = 0; i < files.size(); ++i) {
        root.write(files[i], std::string(i < contents.size() ? contents[i] : std::string_view()));
    }
}

void check_quota(const FakeRoot& root) {
    using namespace affinity;
    static const Topology machine = Topology::synthetic("pack:2 core:8 pu:2");
    const UsableCpus usable = usable_cpus(machine, root.path());
    require(std::isfinite(usable.quota_cpus) && usable.quota_cpus >= 0, "a quota is a number");
    require(usable.cpus == machine.cpus(), "a quota takes no CPU away");
    const int workers = default_workers(machine, usable);
    require(workers >= 1 && workers <= machine.cores(), "one worker to one for each core");
}

void check_memory(const FakeRoot& root) {
    const affinity::MemoryHeadroom headroom = affinity::memory_headroom(root.path());
    require((headroom.bytes == affinity::MemoryHeadroom{}.bytes) == (headroom.limit == "no limit"),
            "what limits has a name");
    root.write("proc/meminfo", "MemAvailable: 1000 kB\n");
    require(affinity::memory_headroom(root.path()).bytes <= 1'024'000,
            "no group has more than the machine");
}

}  // namespace
}  // namespace pinfold::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace pinfold::fuzz;
    static const FakeRoot root;
    write(root, split(as_text(data, size), "---\n"));
    check_quota(root);
    check_memory(root);
    return 0;
}
