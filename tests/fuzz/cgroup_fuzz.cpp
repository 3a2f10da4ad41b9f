// The input is the files of a cgroup tree in a fixed order, parted by lines of "---".

#include <stdlib.h>

#include <array>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <pinfold/affinity/place.hpp>
#include <pinfold/affinity/usable_cpus.hpp>
#include <string>
#include <system_error>

#include "fuzz_target.hpp"

namespace pinfold::fuzz {
namespace {

namespace fs = std::filesystem;

constexpr std::array files{
    "proc/self/cgroup",
    "proc/self/mountinfo",
    "sys/fs/cgroup/cpu.max",
    "sys/fs/cgroup/job/cpu.max",
    "sys/fs/cgroup/cpu/job/cpu.cfs_quota_us",
    "sys/fs/cgroup/cpu/job/cpu.cfs_period_us",
};

/// A folder that stands for "/" and is removed at the program's end.
class Root {
  public:
    Root() : path_(fs::temp_directory_path() / "pinfold-fuzz-XXXXXX") {
        std::string pattern = path_;
        if (mkdtemp(pattern.data()) == nullptr) {
            throw std::system_error(errno, std::generic_category(), "mkdtemp");
        }
        path_ = pattern;
        for (const char* file : files) {
            fs::create_directories((path_ / file).parent_path());
        }
    }
    ~Root() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    Root(const Root&) = delete;
    Root& operator=(const Root&) = delete;

    /// Files without a content are empty.
    void write(const std::vector<std::string_view>& contents) const {
        for (std::size_t i = 0; i < files.size(); ++i) {
            std::ofstream out(path_ / files[i], std::ios::binary | std::ios::trunc);
            out << (i < contents.size() ? contents[i] : std::string_view());
        }
    }

    [[nodiscard]] const fs::path& path() const { return path_; }

  private:
    fs::path path_;
};

}  // namespace
}  // namespace pinfold::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace pinfold::fuzz;
    using namespace pinfold::affinity;
    static const Root root;
    static const Topology machine = Topology::synthetic("pack:2 core:8 pu:2");
    root.write(split(as_text(data, size), "---\n"));
    const UsableCpus usable = usable_cpus(machine, root.path());
    require(std::isfinite(usable.quota_cpus) && usable.quota_cpus >= 0, "a quota is a number");
    require(usable.cpus == machine.cpus(), "a quota takes no CPU away");
    unsetenv("PINFOLD_WORKERS");
    const int workers = default_workers(machine, usable);
    require(workers >= 1 && workers <= machine.cores(), "one worker to one for each core");
    return 0;
}
