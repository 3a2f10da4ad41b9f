#pragma once

#include <atomic>
#include <cstdint>
#include <pinfold/engine/job_result.hpp>
#include <pinfold/engine/options.hpp>
#include <pinfold/shm/arena.hpp>
#include <span>
#include <string>
#include <system_error>
#include <vector>

#include "nodes/worker_nodes.hpp"

namespace pinfold::detail {

/// Asks the system for the nodes of a pool's pages, and keeps account of what it refused. A refusal
/// costs speed alone: the pages then lie where the system puts them.
///
/// Thread-safety: all members.
class PagePlacer {
  public:
    /// `nodes` outlive it.
    PagePlacer(const WorkerNodes& nodes, const affinity::Topology& machine);

    /// What an arena is to do for a block with these options; nothing at all by default on one
    /// node. To be used while the placer lives. Throws std::invalid_argument for a node that the
    /// machine does not have.
    [[nodiscard]] shm::BlockPages pages_for(const ArrayOptions& options);

    /// Spreads the pages of an array in a file, where they are memory alone, as in /dev/shm: who
    /// made room for it brought them in. On a disk they come in when a worker uses them, on its
    /// node.
    void place_file(const std::string& path, std::span<std::byte> content);

    /// Whether there is anything to report: short jobs do without.
    [[nodiscard]] bool has_asked() const noexcept {
        return asked_bytes_.load(std::memory_order_relaxed) != 0;
    }
    [[nodiscard]] PagesReport report() const;

  private:
    void spread(std::span<std::byte> block, bool huge);
    void note(std::size_t bytes, const std::error_code& refused);

    const WorkerNodes& nodes_;
    const std::vector<int> memories_;
    std::vector<int> known_;  // ascending
    std::atomic<std::uint64_t> asked_bytes_{0};
    std::atomic<std::uint64_t> placed_bytes_{0};
    std::atomic<int> refusal_{0};  // the errno of the latest
};

}  // namespace pinfold::detail
