#include "nodes/page_placer.hpp"

#include <linux/magic.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <pinfold/affinity/cpu_list.hpp>
#include <pinfold/engine/detail/algorithms/bring_in.hpp>
#include <pinfold/shm/numa.hpp>
#include <stdexcept>
#include <string>
#include <system_error>

namespace pinfold::detail {

namespace {

// A border inside of a huge page would have the page split.
constexpr std::size_t bytes_of_huge_page = std::size_t{2} << 20;

std::vector<int> numbers_of(const affinity::Topology& machine) {
    std::vector<int> numbers;
    for (const affinity::NumaNode& node : machine.numa_nodes()) {
        numbers.push_back(node.os_index);
    }
    std::ranges::sort(numbers);
    return numbers;
}

bool is_memory_alone(const std::string& path) {
    struct statfs status {};
    return statfs(path.c_str(), &status) == 0 && status.f_type == TMPFS_MAGIC;
}

}  // namespace

PagePlacer::PagePlacer(const WorkerNodes& nodes, const affinity::Topology& machine)
    : nodes_(nodes), memories_(nodes.memories()), known_(numbers_of(machine)) {}

shm::BlockPages PagePlacer::pages_for(const ArrayOptions& options) {
    using Block = std::span<std::byte>;
    shm::BlockPages pages{.untouched = options.pages.kind == Pages::Kind::first_touch,
                          .huge = options.huge_pages};
    const bool may_spread = memories_.size() > 1;
    switch (options.pages.kind) {
        case Pages::Kind::first_touch:
            break;
        case Pages::Kind::spread:
            if (may_spread) {
                pages.place = [this, huge = pages.huge](Block block) { spread(block, huge); };
            }
            break;
        case Pages::Kind::interleaved:
            if (may_spread) {
                pages.place = [this](Block block) {
                    note(block.size(), shm::interleave(block.data(), block.size(), memories_));
                };
            }
            break;
        case Pages::Kind::on_node:
            if (!std::ranges::binary_search(known_, options.pages.node)) {
                throw std::invalid_argument(
                    "NUMA node " + std::to_string(options.pages.node) +
                    " does not exist; nodes: " + affinity::format_cpu_list(known_));
            }
            pages.place = [this, node = options.pages.node](Block block) {
                note(block.size(), shm::bind_to_node(block.data(), block.size(), node));
            };
            break;
    }
    return pages;
}

// The system moves no page that this process has not mapped.
void PagePlacer::place_file(const std::string& path, std::span<std::byte> content) {
    if (memories_.size() > 1 && is_memory_alone(path)) {
        bring_in(content.data(), content.size());
        spread(content, false);
    }
}

void PagePlacer::spread(std::span<std::byte> block, bool huge) {
    const std::size_t page =
        huge ? bytes_of_huge_page : static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    for (const PageRun& run : spread_pages(block.size(), page, nodes_.nodes)) {
        const std::size_t last = std::min(run.last, block.size());
        const std::span part = block.subspan(run.first, last - run.first);
        note(part.size(), shm::bind_to_node(part.data(), part.size(), run.node));
    }
}

void PagePlacer::note(std::size_t bytes, const std::error_code& refused) {
    asked_bytes_.fetch_add(bytes, std::memory_order_relaxed);
    if (refused) {
        refusal_.store(refused.value(), std::memory_order_relaxed);
    } else {
        placed_bytes_.fetch_add(bytes, std::memory_order_relaxed);
    }
}

PagesReport PagePlacer::report() const {
    const int refusal = refusal_.load(std::memory_order_relaxed);
    return {.asked_bytes = asked_bytes_.load(std::memory_order_relaxed),
            .placed_bytes = placed_bytes_.load(std::memory_order_relaxed),
            .refused = refusal == 0 ? "" : std::generic_category().message(refusal)};
}

}  // namespace pinfold::detail
