#include "recorded_machines.hpp"

#include <array>
#include <string>

namespace pinfold::test {

namespace {

std::string folder_of(int cpu) {
    return "sys/devices/system/cpu/cpu" + std::to_string(cpu) + "/";
}

void lay_out_cpu(const FakeRoot& root, int cpu, int core, const std::string& siblings) {
    const std::string folder = folder_of(cpu);
    root.write(folder + "topology/physical_package_id", "0\n");
    root.write(folder + "topology/core_id", std::to_string(core) + "\n");
    const std::array<std::array<std::string, 4>, 4> caches{{{"1", "Data", "32K", siblings},
                                                            {"1", "Instruction", "64K", siblings},
                                                            {"2", "Unified", "512K", siblings},
                                                            {"3", "Unified", "16M", "0-3"}}};
    for (std::size_t i = 0; i < caches.size(); ++i) {
        const std::string cache = folder + "cache/index" + std::to_string(i) + "/";
        const auto& [level, type, size, cpus] = caches[i];
        root.write(cache + "level", level + "\n");
        root.write(cache + "type", type + "\n");
        root.write(cache + "size", size + "\n");
        root.write(cache + "shared_cpu_list", cpus + "\n");
    }
}

void lay_out_meminfo(const FakeRoot& root) {
    root.write("proc/meminfo",
               "MemTotal:       32768000 kB\nMemFree:         1000 kB\n"
               "MemAvailable:   16384000 kB\nSwapTotal:             0 kB\n");
}

}  // namespace

void lay_out_bare_metal(const FakeRoot& root) {
    root.write("proc/cpuinfo",
               "processor\t: 0\nmodel name\t: AMD Ryzen 3 3200\ncpu MHz\t\t: 1400.000\n"
               "flags\t\t: fpu sse2 avx2\n");
    root.write("sys/devices/system/cpu/online", "0-3\n");
    for (int cpu = 0; cpu < 4; ++cpu) {
        lay_out_cpu(root, cpu, cpu / 2, cpu < 2 ? "0-1" : "2-3");
        root.write(folder_of(cpu) + "cpufreq/scaling_governor",
                   cpu == 3 ? "performance\n" : "schedutil\n");
        root.write(folder_of(cpu) + "cpufreq/scaling_driver", "acpi-cpufreq\n");
        root.write(folder_of(cpu) + "cpufreq/scaling_cur_freq",
                   std::to_string(1400000 + 100000 * cpu) + "\n");
        root.write(folder_of(cpu) + "cpufreq/cpuinfo_max_freq", "4000000\n");
    }
    root.write("sys/devices/system/cpu/cpufreq/boost", "1\n");
    root.write("sys/devices/system/cpu/smt/active", "1\n");
    root.write("sys/class/dmi/id/sys_vendor", "LENOVO\n");
    root.write("sys/class/dmi/id/product_name", "20Y8\n");
    root.write("sys/kernel/mm/transparent_hugepage/enabled", "[always] madvise never\n");
    root.write("proc/stat", "cpu  100 0 50 800 50 0 0 0 0 0\ncpu0 1 2 3\n");
    root.write("proc/loadavg", "0.10 0.20 0.30 2/300 4711\n");
    root.write("proc/pressure/cpu", "some avg10=1.25 avg60=0.50 avg300=0.10 total=1\n");
    root.write("proc/sys/kernel/osrelease", "6.1.0-18-amd64\n");
    root.write("etc/os-release", "NAME=\"Debian\"\nPRETTY_NAME=\"Debian GNU/Linux 12\"\n");
    root.write("proc/self/cgroup", "0::/user.slice\n");
    root.write("proc/self/mountinfo", "30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
    root.write("sys/fs/cgroup/user.slice/cpu.max", "max 100000\n");
    root.write("proc/self/limits",
               "Limit                     Soft Limit           Hard Limit           Units\n"
               "Max stack size            8388608              unlimited            bytes\n"
               "Max processes             127235               127235               processes\n"
               "Max address space         unlimited            unlimited            bytes\n");
    lay_out_meminfo(root);
}

void lay_out_virtual_machine(const FakeRoot& root) {
    root.write("proc/cpuinfo",
               "processor\t: 0\nmodel name\t: Intel Xeon Processor\ncpu MHz\t\t: 2300.000\n"
               "flags\t\t: fpu sse2 hypervisor\n");
    root.write("sys/devices/system/cpu/online", "0-1\n");
    root.write("sys/class/dmi/id/sys_vendor", "QEMU\n");
    root.write("sys/class/dmi/id/product_name", "Standard PC\n");
    root.write("proc/stat", "cpu  100 0 50 800 50 0 0 0 0 0\n");
    root.write("proc/loadavg", "3.50 0.20 0.30 1/91 4711\n");
    root.write("sys/kernel/mm/transparent_hugepage/enabled", "always [madvise] never\n");
    lay_out_meminfo(root);
}

void lay_out_container(const FakeRoot& root) {
    root.write("proc/cpuinfo", "processor\t: 0\nflags\t\t: fpu hypervisor\n");
    root.write("sys/devices/system/cpu/online", "0-7\n");
    root.write("proc/stat", "cpu  400 0 100 400 50 0 0 50 0 0\n");
    root.write("proc/loadavg", "0.00 0.00 0.00 1/91 4711\n");
    root.write("proc/self/cgroup", "0::/\n");
    root.write("proc/self/mountinfo", "30 23 0:26 / /sys/fs/cgroup ro - cgroup2 cgroup2 rw\n");
    root.write("sys/fs/cgroup/cpu.max", "150000 100000\n");
    root.write("sys/fs/cgroup/cpu.stat", "usage_usec 7\nnr_throttled 2\nthrottled_usec 500000\n");
    lay_out_meminfo(root);
}

}  // namespace pinfold::test
