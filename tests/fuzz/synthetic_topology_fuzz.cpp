#include <pinfold/affinity/cpu_list.hpp>
#include <string>

#include "fuzz_target.hpp"
#include "machine_laws.hpp"

// hwloc 2.9 loses what it parsed of a memory node that hangs on the whole machine when it refuses
// the rest, as in "[numa] 2 [numa]". Leaks of machines that are read well are found by xml_topology
// and the tests of affinity.
//
// NOLINTNEXTLINE(bugprone-reserved-identifier): LeakSanitizer looks for this name.
extern "C" const char* __lsan_default_suppressions() {
    return "leak:libhwloc";
}

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace pinfold::fuzz;
    using pinfold::affinity::Topology;
    const std::string description(as_text(data, size));
    const auto machine = accepted([&] { return Topology::synthetic(description); });
    if (machine) {
        require(machine->pus().size() <= pinfold::affinity::max_cpu + 1,
                "a made-up machine has at most 8192 CPUs");
        check_machine(*machine);
    }
    return 0;
}
