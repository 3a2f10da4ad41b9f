#pragma once

#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <span>
#include <system_error>
#include <vector>

namespace pinfold::testing {

inline constexpr std::uintptr_t page_bytes = 4096;

inline std::uintptr_t page_of(const void* address) {
    return reinterpret_cast<std::uintptr_t>(address) / page_bytes;
}

/// The node of the CPU on which the calling thread runs.
inline int node_here() {
    unsigned cpu = 0;
    unsigned node = 0;
    getcpu(&cpu, &node);
    return static_cast<int>(node);
}

/// The node of each page in which these bytes lie, as the system tells. Reads them, since it tells
/// nothing of what this process has not mapped yet.
inline std::vector<int> nodes_of_pages(std::span<const std::byte> bytes) {
    std::vector<void*> pages;
    for (std::uintptr_t page = page_of(bytes.data()); page <= page_of(&bytes.back()); ++page) {
        pages.push_back(reinterpret_cast<void*>(page * page_bytes));
        static_cast<void>(*static_cast<const volatile std::byte*>(pages.back()));
    }
    std::vector<int> nodes(pages.size());
    if (syscall(SYS_move_pages, 0, pages.size(), pages.data(), nullptr, nodes.data(), 0) != 0) {
        throw std::system_error(errno, std::generic_category(), "move_pages");
    }
    return nodes;
}

/// Which node's worker touched each page of an array, as maps note it: in an array of the pool with
/// a number for each page.
class PageNotes {
  public:
    PageNotes(const void* array, std::span<int> notes)
        : first_page_(page_of(array)), notes_(notes) {}

    /// Called by a map for what it touches.
    template <typename T>
    void note(std::span<T> part) const {
        const int node = node_here();
        for (std::uintptr_t page = page_of(part.data()); page <= page_of(&part.back()); ++page) {
            std::atomic_ref(notes_[page - first_page_]).store(node, std::memory_order_relaxed);
        }
    }

  private:
    std::uintptr_t first_page_;
    std::span<int> notes_;
};

}  // namespace pinfold::testing
