#include "shared/space_core.hpp"

#include <sys/mman.h>

#include <cerrno>
#include <pinfold/engine/shared/space.hpp>
#include <pinfold/shm/asymmetric_fence.hpp>
#include <stdexcept>
#include <system_error>

namespace pinfold::detail {

SpaceCore::SpaceCore(std::shared_ptr<shm::Arena> arena, std::uint32_t seats)
    : arena_(std::move(arena)), memory_bytes_(shm::Roster::bytes_for(seats)) {
    memory_ = mmap(nullptr, memory_bytes_, PROT_READ | PROT_WRITE,
                   MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory_ == MAP_FAILED) {
        throw std::system_error(errno, std::generic_category(),
                                "no address space for those who use shared objects");
    }
    roster_ = &shm::Roster::make(memory_, seats);
}

SpaceCore::~SpaceCore() {
    if (maker_.holds()) {
        roster_->close();
    }
    munmap(memory_, memory_bytes_);
}

void SpaceCore::check_owner() const {
    if (!maker_.holds()) {
        throw std::logic_error(
            "shared objects are made by the process that made their pool, before they are handed "
            "to workers");
    }
}

void* SpaceCore::allocate(std::size_t bytes) {
    check_owner();
    free_what_was_left();
    return arena_->allocate(bytes);
}

void SpaceCore::deallocate(void* block, std::size_t bytes) noexcept {
    const std::scoped_lock lock(mutex_);
    // Whoever comes to the block from now on finds that its words have ended; who came before is
    // seen after the fence.
    if (shm::heavy_fence() && !roster_->is_anyone_at(block, bytes)) {
        arena_->deallocate(block);
    } else {
        leaving_.push_back({block, bytes});
    }
}

void SpaceCore::free_what_was_left() noexcept {
    const std::scoped_lock lock(mutex_);
    std::erase_if(leaving_, [this](const Leaving& each) {
        const bool is_left = shm::heavy_fence() && !roster_->is_anyone_at(each.block, each.bytes);
        if (is_left) {
            arena_->deallocate(each.block);
        }
        return is_left;
    });
}

}  // namespace pinfold::detail

namespace pinfold {

std::shared_ptr<shm::Arena> Space::arena() const {
    return core_->arena();
}

}  // namespace pinfold
