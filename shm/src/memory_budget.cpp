#include <fstream>
#include <limits>
#include <pinfold/shm/memory_budget.hpp>

namespace pinfold::shm {

MemoryBudget available_memory() {
    std::ifstream in("/proc/meminfo");
    std::string key;
    for (std::size_t kibibytes = 0; in >> key >> kibibytes;) {
        if (key == "MemAvailable:") {
            return {kibibytes * 1024, "MemAvailable of /proc/meminfo"};
        }
        in.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
    }
    return {};
}

}  // namespace pinfold::shm
