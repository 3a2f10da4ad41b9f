#include "environment/run_memory.hpp"

#include <algorithm>
#include <iterator>
#include <map>

namespace pinfold::apps {

namespace {

using std::chrono::milliseconds;

// A pool's workers are there some milliseconds after the beginning, and most jobs have their data
// soon after. A run that ends before the first look has no figure.
constexpr auto until_the_first_look = milliseconds(30);
constexpr auto between_looks = milliseconds(100);
constexpr auto longest_step = milliseconds(2);
constexpr int pause_in_steps = 300;  // so that all looks take a third of a percent of one CPU

std::string folder_of(int pid) {
    return "proc/" + std::to_string(pid) + "/";
}

/// The parent is the second word behind the name, which may hold anything but ends with ")".
std::optional<int> parent_of(const MachineFiles& files, const std::string& pid) {
    const auto stat = files.line("proc/" + pid + "/stat");
    const std::size_t name_end = stat ? stat->rfind(')') : std::string::npos;
    if (name_end == std::string::npos) {
        return std::nullopt;
    }
    const auto words = words_of(std::string_view(*stat).substr(name_end + 1));
    const auto parent = words.size() > 1 ? leading_number(words[1]) : std::nullopt;
    return parent ? std::optional(static_cast<int>(*parent)) : std::nullopt;
}

std::multimap<int, int> children_of_all(const MachineFiles& files) {
    std::multimap<int, int> children;
    for (const std::string& name : files.names_in("proc")) {
        const auto pid = leading_number(name);
        const auto parent = pid ? parent_of(files, name) : std::nullopt;
        if (parent) {
            children.emplace(*parent, static_cast<int>(*pid));
        }
    }
    return children;
}

/// Each thread has a list of those that it started.
std::vector<int> children_in_lists(const MachineFiles& files, int pid) {
    std::vector<int> children;
    const std::string tasks = folder_of(pid) + "task/";
    for (const std::string& task : files.names_in(tasks)) {
        const std::string list = files.text(tasks + task + "/children").value_or("");
        for (const std::string_view word : words_of(list)) {
            if (const auto child = leading_number(word)) {
                children.push_back(static_cast<int>(*child));
            }
        }
    }
    return children;
}

double kib_of(const std::string& text, const char* key) {
    const auto entry = entry_of(text, key);
    return 1024 * (entry ? leading_number(*entry).value_or(0) : 0);
}

}  // namespace

std::vector<int> processes_of_run(const MachineFiles& files, int pid) {
    const std::string first = std::to_string(pid);
    const bool has_lists = files.has("proc/" + first + "/task/" + first + "/children");
    const std::multimap<int, int> all =
        has_lists ? std::multimap<int, int>() : children_of_all(files);
    std::vector<int> found{pid};
    for (std::size_t i = 0; i < found.size(); ++i) {
        if (has_lists) {
            std::ranges::copy(children_in_lists(files, found[i]), std::back_inserter(found));
        }
        const auto [begin, end] = all.equal_range(found[i]);
        for (auto child = begin; child != end; ++child) {
            found.push_back(child->second);
        }
    }
    return found;
}

std::optional<MemoryInUse> memory_of_process(const MachineFiles& files, int pid) {
    const auto text = files.text(folder_of(pid) + "smaps_rollup");
    if (!text || !entry_of(*text, "Pss")) {
        return std::nullopt;
    }
    return MemoryInUse{kib_of(*text, "Pss"), kib_of(*text, "Pss_Shmem")};
}

RunMemory::RunMemory(const MachineFiles& files, int pid, Clock::time_point now)
    : files_(files), pid_(pid), due_(now + until_the_first_look) {}

void RunMemory::step() {
    const auto begin = Clock::now();
    if (begin < due_) {
        return;
    }
    if (!is_looking_) {
        is_looking_ = true;
        all_were_told_ = true;
        sum_ = {};
        to_see_ = processes_of_run(files_, pid_);
    }
    look(begin + longest_step);
    const auto end = Clock::now();
    due_ = end + pause_in_steps * (end - begin);
    if (to_see_.empty()) {
        end_of_look();
        due_ = std::max(due_, end + between_looks);
    }
}

void RunMemory::look(Clock::time_point until) {
    do {
        const auto found = memory_of_process(files_, to_see_.back());
        to_see_.pop_back();
        all_were_told_ = all_were_told_ && found;
        sum_.pss_bytes += found ? found->pss_bytes : 0;
        sum_.shared_bytes += found ? found->shared_bytes : 0;
    } while (!to_see_.empty() && Clock::now() < until);
}

// A process that ended meanwhile has no memory left to tell; the sum would be too small.
void RunMemory::end_of_look() {
    is_looking_ = false;
    if (!all_were_told_) {
        return;
    }
    const MemoryInUse before = most_.value_or(MemoryInUse());
    most_ = MemoryInUse{std::max(before.pss_bytes, sum_.pss_bytes),
                        std::max(before.shared_bytes, sum_.shared_bytes)};
}

}  // namespace pinfold::apps
