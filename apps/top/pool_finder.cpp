#include "top/pool_finder.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <fstream>
#include <iterator>
#include <memory>
#include <pinfold/engine/detail/status_page.hpp>
#include <pinfold/shm/descriptor.hpp>
#include <system_error>
#include <thread>

namespace pinfold::apps {

namespace {

constexpr std::int64_t search_interval_ns = 2'000'000'000;

// A number may belong to another process by now, so all names are read anew now and then.
constexpr int searches_of_all = 5;

constexpr int copies = 10;  // of a page that is being written
constexpr std::chrono::microseconds between_copies{100};

constexpr const char* supervisor_name = "pinfold:super\n";

// The first pid namespace of a machine; see PROC_PID_INIT_INO of the kernel.
constexpr const char* first_namespace = "pid:[4026531836]";

std::int64_t now_ns() {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(
               std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

/// The names in a folder; `error` is errno where it cannot be read.
std::vector<std::string> names_in(const std::string& folder, int& error) {
    std::vector<std::string> names;
    const std::unique_ptr<DIR, int (*)(DIR*)> open(opendir(folder.c_str()), closedir);
    error = open ? 0 : errno;
    while (open) {
        const dirent* const entry = readdir(open.get());
        if (entry == nullptr) {
            break;
        }
        names.emplace_back(entry->d_name);
    }
    return names;
}

std::optional<pid_t> as_pid(const std::string& name) {
    pid_t pid = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
    const bool is_pid = error == std::errc{} && end == name.data() + name.size() && pid > 0;
    return is_pid ? std::optional(pid) : std::nullopt;
}

/// A small file, or what can be had of it.
std::string text_of(const std::string& file) {
    const shm::Descriptor opened(open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    std::array<char, 4096> text{};
    const ssize_t got = read(opened.number(), text.data(), text.size());
    return {text.data(), got > 0 ? static_cast<std::size_t>(got) : 0};
}

std::string link_at(const std::string& path) {
    std::array<char, 256> text{};
    const ssize_t got = readlink(path.c_str(), text.data(), text.size());
    return {text.data(), got > 0 ? static_cast<std::size_t>(got) : 0};
}

bool names_a_page(const std::string& link) {
    return link == fmt::format("/memfd:{} (deleted)", detail::status_page_name);
}

std::string copy_of(int descriptor, std::size_t bytes) {
    std::string copy(bytes, '\0');
    const ssize_t got = pread(descriptor, copy.data(), copy.size(), 0);
    copy.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return copy;
}

std::span<const std::byte> bytes_of(const std::string& copy) {
    return {reinterpret_cast<const std::byte*>(copy.data()), copy.size()};
}

/// A copy that nobody wrote meanwhile, as far as that is to be had: of two equal ones, none is
/// torn.
std::string quiet_copy_of(int descriptor, std::size_t bytes) {
    std::string copy = copy_of(descriptor, bytes);
    for (int i = 0; i < copies; ++i) {
        std::string again = copy_of(descriptor, bytes);
        if (again == copy && !is_torn(bytes_of(copy))) {
            break;
        }
        copy = std::move(again);
        std::this_thread::sleep_for(between_copies);
    }
    return copy;
}

/// The number behind `field` in /proc/<pid>/status.
pid_t parent_of(const std::string& status) {
    const std::size_t at = status.find("\nPPid:\t");
    pid_t pid = 0;
    if (at != std::string::npos) {
        std::from_chars(status.data() + at + 7, status.data() + status.size(), pid);
    }
    return pid;
}

std::string command_of(const std::string& process) {
    std::string words = text_of(process + "/cmdline");
    while (!words.empty() && words.back() == '\0') {
        words.pop_back();
    }
    std::ranges::replace_if(
        words, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
    return words;
}

}  // namespace

PoolFinder::PoolFinder(std::string proc) : proc_(std::move(proc)) {}

void PoolFinder::search() {
    if (searches_++ % searches_of_all == 0) {
        seen_.clear();
    }
    int error = 0;
    std::set<pid_t> present;
    for (const std::string& name : names_in(proc_, error)) {
        if (const std::optional<pid_t> pid = as_pid(name)) {
            present.insert(*pid);
            const bool is_new = !seen_.contains(*pid);
            if (is_new && text_of(proc_ + "/" + name + "/comm") == supervisor_name) {
                supervisors_.insert(*pid);
            }
        }
    }
    std::erase_if(supervisors_, [&](pid_t pid) { return !present.contains(pid); });
    seen_ = std::move(present);
    searched_ns_ = now_ns();
}

Look PoolFinder::look() {
    if (searches_ == 0 || now_ns() - searched_ns_ >= search_interval_ns) {
        search();
    }
    Look found;
    for (const pid_t supervisor : supervisors_) {
        const std::optional<std::string> page = page_of(supervisor, found);
        const std::optional<PoolStatus> status =
            page ? read_status(bytes_of(*page)) : std::optional<PoolStatus>();
        if (!status) {
            continue;
        }
        const std::string process = proc_ + "/" + std::to_string(supervisor);
        const pid_t host = parent_of(text_of(process + "/status"));
        found.pools.push_back({supervisor, host, command_of(proc_ + "/" + std::to_string(host)),
                               *status, status->supervisor != supervisor || status->host != host});
    }
    if (found.pools.empty()) {
        std::ranges::move(reasons_for_nothing(), std::back_inserter(found.notes));
    }
    return found;
}

// What a link said may have become something else before it was opened, so that the question is
// asked of what was opened. Without O_NONBLOCK a pipe could hold this up.
std::optional<std::string> PoolFinder::page_of(pid_t supervisor, Look& look) const {
    const std::string folder = fmt::format("{}/{}/fd/", proc_, supervisor);
    int error = 0;
    for (const std::string& name : names_in(folder, error)) {
        if (!names_a_page(link_at(folder + name))) {
            continue;
        }
        const shm::Descriptor opened(
            open((folder + name).c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
        struct stat about {};
        if (opened.number() >= 0 && fstat(opened.number(), &about) == 0 && S_ISREG(about.st_mode) &&
            names_a_page(link_at(fmt::format("/proc/self/fd/{}", opened.number())))) {
            return quiet_copy_of(opened.number(), std::min(static_cast<std::size_t>(about.st_size),
                                                           most_status_bytes()));
        }
    }
    if (error == EACCES || error == EPERM) {
        look.notes.push_back(
            fmt::format("the pool of supervisor {} cannot be looked at: it is another user's, or "
                        "its program is not dumpable",
                        supervisor));
    }
    return std::nullopt;
}

std::vector<std::string> PoolFinder::reasons_for_nothing() const {
    std::vector<std::string> reasons;
    std::ifstream mounts("/proc/self/mountinfo");
    for (std::string line; std::getline(mounts, line);) {
        const bool hides = line.find("hidepid=") != std::string::npos &&
                           line.find("hidepid=0") == std::string::npos &&
                           line.find("hidepid=off") == std::string::npos;
        if (hides && line.find(" " + proc_ + " ") != std::string::npos) {
            reasons.emplace_back(
                "processes of other users are hidden here: /proc is mounted with hidepid");
        }
    }
    const std::string space = link_at("/proc/self/ns/pid");
    if (!space.empty() && space != first_namespace) {
        reasons.emplace_back(
            "this is a container, or another pid namespace: pools outside of it are not seen");
    }
    if (seen_.empty()) {
        reasons.emplace_back("no process is seen in " + proc_);
    }
    return reasons;
}

}  // namespace pinfold::apps
