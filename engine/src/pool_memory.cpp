#include "pool_memory.hpp"

#include <memory>
#include <new>
#include <pinfold/shm/asymmetric_fence.hpp>

namespace pinfold::detail {

namespace {

/// Makes objects one after the other in a block, each type on a line of its own.
class Layout {
  public:
    explicit Layout(void* at) : at_(static_cast<std::byte*>(at)) {}

    template <typename T>
    std::span<T> make(std::size_t count) {
        static_assert(sizeof(T) % shm::cache_line == 0);
        auto* const first = reinterpret_cast<T*>(at_);
        std::uninitialized_default_construct_n(first, count);
        at_ += count * sizeof(T);
        return {first, count};
    }

  private:
    std::byte* at_;
};

std::size_t bytes_for(std::size_t workers) {
    return sizeof(Workforce) + sizeof(BoardTable) +
           workers * (sizeof(shm::Party) + sizeof(ClaimLine)) + max_boards * sizeof(Board);
}

}  // namespace

PoolMemory::PoolMemory(BlockSource& source, const std::vector<affinity::Placement>& placements,
                       const WorkerNodes& nodes, pid_t owner, shm::Heap* heap)
    : block_(source, bytes_for(placements.size())) {
    Layout layout(block_.data());
    workforce_ = layout.make<Workforce>(1).data();
    boards_ = layout.make<BoardTable>(1).data();
    workforce_->workers = layout.make<shm::Party>(placements.size());
    boards_->lines = layout.make<ClaimLine>(placements.size());
    boards_->boards = layout.make<Board>(max_boards);
    boards_->workers = workforce_->workers;
    boards_->work = &workforce_->work;
    boards_->heap = heap;
    boards_->may_lease = shm::heavy_fence();
    place(placements, nodes, owner);
}

void PoolMemory::place(const std::vector<affinity::Placement>& placements, const WorkerNodes& nodes,
                       pid_t owner) noexcept {
    boards_->nodes = &nodes.cursors;
    boards_->worker_nodes = &nodes;
    workforce_->host.pid.store(owner, std::memory_order_relaxed);
    for (std::size_t w = 0; w < placements.size(); ++w) {
        shm::Party& worker = workforce_->workers[w];
        worker.pid.store(owner, std::memory_order_relaxed);
        worker.cpu.store(placements[w].cpu, std::memory_order_relaxed);
        worker.node.store(nodes.nodes[nodes.of_workers[w]].cursor, std::memory_order_relaxed);
    }
}

}  // namespace pinfold::detail
