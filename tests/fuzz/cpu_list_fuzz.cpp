#include <algorithm>
#include <pinfold/affinity/cpu_list.hpp>

#include "fuzz_target.hpp"

namespace pinfold::fuzz {
namespace {

void check_accepted(std::string_view text, const std::vector<int>& cpus) {
    require(!cpus.empty(), "a list has a CPU");
    require(std::ranges::all_of(cpus, [](int cpu) { return cpu >= 0 && cpu <= affinity::max_cpu; }),
            "a list has CPUs that Linux can have");
    std::vector<int> sorted = cpus;
    std::ranges::sort(sorted);
    require(std::ranges::adjacent_find(sorted) == sorted.end(), "a list has no CPU twice");
    const std::string printed = affinity::format_cpu_list(cpus);
    require(affinity::parse_cpu_list(printed) == cpus, "a printed list reads as itself");
    require(printed.size() <= text.size(), "a printed list is the shortest");
}

}  // namespace
}  // namespace pinfold::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace pinfold::fuzz;
    const std::string_view text = as_text(data, size);
    const auto cpus = accepted([&] { return pinfold::affinity::parse_cpu_list(text); });
    if (cpus) {
        check_accepted(text, *cpus);
    }
    return 0;
}
