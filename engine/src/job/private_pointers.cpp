// A pointer in a map or a job is told from a number by what lies there. Most words are no address
// of Linux on x86-64, or lie in the pool's arena, which costs no more than two comparisons. For the
// others the system is asked: by mincore() whether anything lies there, by /proc/self/maps what,
// and by a worker's maps whether it has the same there. What is shared is remembered, so that a job
// with a pointer to constants reads /proc once.

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <optional>
#include <pinfold/engine/detail/call_checks.hpp>
#include <pinfold/engine/detail/tasks/task_client.hpp>
#include <pinfold/shm/arena.hpp>
#include <pinfold/shm/file_space.hpp>
#include <sstream>
#include <stdexcept>
#include <string>

#include "job/checks.hpp"

namespace pinfold::detail {

namespace {

// Where addresses of programs begin that are loaded anywhere, and of their heaps, stacks and
// libraries, also under the sanitizers and with the old layout (a third of the address space). A
// program that is linked to lie at fixed addresses has its globals below, where numbers are.
constexpr std::uintptr_t lowest_address = std::uintptr_t{1} << 45;
constexpr std::uintptr_t end_of_addresses = std::uintptr_t{1} << 47;

struct Mapped {
    std::uintptr_t begin = 0;
    std::uintptr_t end = 0;
    std::string access;  // "rw-p"
    std::string object;  // its offset, device and inode
    std::string name;

    [[nodiscard]] bool holds(std::uintptr_t address) const noexcept {
        return begin <= address && address < end;
    }
    [[nodiscard]] bool is_private() const noexcept {
        return access.size() == 4 && access[1] == 'w' && access[3] == 'p';
    }
};

bool is_mapped(std::uintptr_t address) noexcept {
    const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
    unsigned char is_in_memory = 0;
    return mincore(reinterpret_cast<void*>(address & ~(page - 1)), 1, &is_in_memory) == 0 ||
           errno != ENOMEM;
}

/// A line of a file of maps: "begin-end access offset device inode     name".
Mapped parsed(const std::string& line) {
    Mapped mapped;
    char dash = 0;
    std::string offset;
    std::string device;
    std::string inode;
    std::istringstream in(line);
    in >> std::hex >> mapped.begin >> dash >> mapped.end >> mapped.access;
    in >> offset >> device >> inode >> std::ws;
    mapped.object = offset;
    mapped.object.append(" ").append(device).append(" ").append(inode);
    std::getline(in, mapped.name);
    return mapped;
}

/// What a process has at an address: no access where it has nothing, nothing where nobody tells.
std::optional<Mapped> mapping_at(std::uintptr_t address, const std::string& process) {
    std::ifstream maps("/proc/" + process + "/maps");
    bool is_readable = false;
    for (std::string line; std::getline(maps, line);) {
        is_readable = true;
        Mapped mapped = parsed(line);
        if (mapped.holds(address)) {
            return mapped;
        }
    }
    return is_readable ? std::optional<Mapped>(Mapped{}) : std::nullopt;
}

bool is_shared(const Mapped& mapped, std::uintptr_t address, pid_t worker) {
    if (worker == 0) {
        return true;
    }
    const std::optional<Mapped> there = mapping_at(address, std::to_string(worker));
    return !there || there->object == mapped.object;
}

std::string name_of(const Mapped& mapped) {
    int local = 0;
    if (mapped.name == "[stack]" || mapped.holds(reinterpret_cast<std::uintptr_t>(&local))) {
        return "the stack";
    }
    if (mapped.name == "[heap]") {
        return "the heap";
    }
    if (mapped.name.starts_with('/')) {
        return "the globals of " + mapped.name;
    }
    return "private memory";
}

/// Mappings that this thread's last looks found to be shared with a worker.
struct Passed {
    std::uintptr_t begin = 0;
    std::uintptr_t end = 0;
    pid_t worker = 0;
};
thread_local std::array<Passed, 4> passed{};
thread_local std::size_t next_passed = 0;

bool has_passed(std::uintptr_t address, pid_t worker) noexcept {
    return std::ranges::any_of(passed, [&](const Passed& p) {
        return p.begin <= address && address < p.end && p.worker == worker;
    });
}

/// What lies at an address that a pool's workers do not share: "the stack", "the heap", "the
/// globals of FILE", "private memory", "memory that was mapped after the pool was made". Empty for
/// what they share, for what is no address, and where /proc cannot be read. `worker` has their
/// memory, or is 0 where they are threads. A system call, and some 20 µs for the first look at a
/// mapping.
std::string unshared_memory_at(std::uintptr_t address, pid_t worker) {
    if (has_passed(address, worker) || !is_mapped(address)) {
        return {};
    }
    const std::optional<Mapped> mapped = mapping_at(address, "self");
    if (!mapped || !mapped->holds(address)) {
        return {};
    }
    if (mapped->is_private()) {
        return name_of(*mapped);
    }
    if (!is_shared(*mapped, address, worker)) {
        return "memory that was mapped after the pool was made, such as another pool's arena";
    }
    passed[next_passed++ % passed.size()] = {mapped->begin, mapped->end, worker};
    return {};
}

/// Whether this may be what was left of a pointer in padding, behind a bool or a small integer.
bool may_be_padding(std::uintptr_t word) noexcept {
    constexpr std::uintptr_t small = 1 << 16;
    return (word & 0xff) <= 1 || (word & 0xffffffff) < small;
}

[[noreturn]] void refuse(const char* what, std::uintptr_t word, std::size_t at,
                         const std::string& where) {
    std::ostringstream text;
    text << what << " holds a pointer into " << where << " (0x" << std::hex << word << std::dec
         << ", in its bytes from " << at
         << " on), and a worker process has something else there: is it a pointer, a span, a "
            "string_view or [this]? Copy the data by pool.array(x) and capture that array, or "
            "its span(); trust(...) passes it as it is";
    throw std::invalid_argument(text.str());
}

[[noreturn]] void refuse_place_in_file(const char* what, const std::string& file) {
    throw std::invalid_argument(
        std::string(what) + " holds a pointer into the file " + file +
        ", which a worker process may not have in its memory yet: capture the File itself, and "
        "take its bytes() or span() in the map");
}

}  // namespace

void check_words(const shm::Arena& arena, pid_t worker, const char* what,
                 std::span<const std::uintptr_t> words, bool is_exact) {
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::uintptr_t word = words[i];
        if (word < lowest_address || word >= end_of_addresses ||
            arena.contains(reinterpret_cast<const void*>(word), 1) ||
            shm::is_file_handle(reinterpret_cast<const void*>(word)) ||
            (!is_exact && may_be_padding(word))) {
            continue;
        }
        const std::string file = shm::path_of_file_at(reinterpret_cast<const void*>(word));
        if (!file.empty()) {
            refuse_place_in_file(what, file);
        }
        const std::string where = unshared_memory_at(word, worker);
        if (!where.empty()) {
            refuse(what, word, i * sizeof word, where);
        }
    }
}

void check_words(const TaskClient& client, const char* what, std::span<const std::uintptr_t> words,
                 bool is_exact) {
    check_words(client.arena(), client.process_of_workers(), what, words, is_exact);
}

void check_function_pointer(const TaskClient& client, const void* function) {
    client.check_code(function);
}

}  // namespace pinfold::detail
