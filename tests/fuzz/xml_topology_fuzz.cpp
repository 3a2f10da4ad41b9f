#include <stdlib.h>

#include "fuzz_target.hpp"
#include "machine_laws.hpp"
#include "scratch_file.hpp"

/// hwloc's reader of XML leaks some bytes of a record that it refuses.
extern "C" const char* __asan_default_options() {
    return "detect_leaks=0";
}

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace pinfold::fuzz;
    using pinfold::affinity::Topology;
    // hwloc comments on odd machines in several lines each.
    static const int quiet = setenv("HWLOC_HIDE_ERRORS", "2", 0);
    require(quiet == 0, "the environment takes a variable");
    static const ScratchFile file;
    file.write(as_text(data, size));
    const auto machine = accepted([&] { return Topology::from_xml(file.path()); });
    if (machine) {
        check_machine(*machine);
    }
    return 0;
}
