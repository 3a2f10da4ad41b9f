#pragma once

#include <dirent.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace pinfold::testing {

inline std::set<std::string> names_in(const std::string& folder) {
    std::set<std::string> names;
    if (DIR* const open = opendir(folder.c_str())) {
        while (const dirent* entry = readdir(open)) {
            names.insert(entry->d_name);
        }
        closedir(open);
    }
    return names;
}

/// The fields of /proc/<pid>/stat behind the name: state, parent, group, ...
inline std::vector<std::string> stat_fields(int pid) {
    std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
    std::string line;
    std::getline(stat, line);
    const std::size_t name_end = line.rfind(')');
    if (name_end == std::string::npos) {
        return {};
    }
    std::istringstream rest(line.substr(name_end + 1));
    return {std::istream_iterator<std::string>(rest), {}};
}

/// All processes below `root`, itself not included; zombies count.
inline std::vector<int> descendants(int root) {
    std::vector<std::pair<int, int>> parents;
    for (const std::string& name : names_in("/proc")) {
        if (std::all_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; })) {
            const std::vector<std::string> fields = stat_fields(std::stoi(name));
            if (fields.size() > 1) {
                parents.emplace_back(std::stoi(name), std::stoi(fields[1]));
            }
        }
    }
    std::vector<int> found{root};
    for (std::size_t i = 0; i < found.size(); ++i) {
        for (const auto& [pid, parent] : parents) {
            if (parent == found[i]) {
                found.push_back(pid);
            }
        }
    }
    found.erase(found.begin());
    return found;
}

/// Whether the process runs: neither gone nor a zombie.
inline bool is_alive(int pid) {
    const std::vector<std::string> fields = stat_fields(pid);
    return !fields.empty() && fields[0] != "Z" && fields[0] != "X";
}

/// Waits until `condition` holds, up to half a minute: for the system, never for a speed.
template <typename Condition>
[[nodiscard]] bool eventually(Condition condition) {
    for (int i = 0; i < 30'000; ++i) {
        if (condition()) {
            return true;
        }
        usleep(1000);
    }
    return false;
}

/// What a test may not leave behind: compare one from before with one from after.
struct Leftovers {
    std::vector<int> processes = descendants(getpid());
    std::size_t descriptors = names_in("/proc/self/fd").size();
    std::set<std::string> shared_memory = names_in("/dev/shm");
};

/// Checks at its end that what its test made is gone.
class NothingLeft : public ::testing::Test {
  protected:
    void TearDown() override {
        const Leftovers after;
        EXPECT_EQ(after.processes, before_.processes);
        EXPECT_EQ(after.descriptors, before_.descriptors);
        EXPECT_EQ(after.shared_memory, before_.shared_memory);
    }

  private:
    Leftovers before_;
};

}  // namespace pinfold::testing
