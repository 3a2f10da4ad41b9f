#include <atomic>
#include <cstring>
#include <new>
#include <pinfold/engine/detail/shared/shared_owner.hpp>
#include <pinfold/engine/shared/errors.hpp>
#include <pinfold/shm/party.hpp>
#include <pinfold/shm/process_mark.hpp>
#include <stdexcept>
#include <string>

#include "shared/space_core.hpp"

namespace pinfold::detail {

/// The first line of a block. Only the roster and the name are for all processes.
struct alignas(shm::cache_line) SharedOwner::Head {
    Head(SpaceCore& its_space, const SharedKind& its_kind)
        : roster(&its_space.roster()), kind(its_kind), space(its_space.shared_from_this()) {}

    shm::Roster* const roster;
    const SharedKind kind;
    std::atomic<std::size_t> owners{1};
    const shm::ProcessMark maker = shm::mark_of_this_process();
    std::shared_ptr<SpaceCore> space;

    [[nodiscard]] void* words() noexcept { return this + 1; }
    [[nodiscard]] std::size_t bytes() const noexcept { return sizeof(Head) + kind.bytes; }
};

SharedOwner::SharedOwner(SpaceCore& space, const SharedKind& kind)
    : head_(new (space.allocate(sizeof(Head) + kind.bytes)) Head(space, kind)) {}

void SharedOwner::join() noexcept {
    if (head_->maker.holds()) {
        head_->owners.fetch_add(1, std::memory_order_relaxed);
    }
}

void SharedOwner::leave() noexcept {
    // Acquire and release: whoever ends the object has seen what the others did with it.
    if (!head_->maker.holds() || head_->owners.fetch_sub(1, std::memory_order_acq_rel) > 1) {
        return;
    }
    const std::shared_ptr<SpaceCore> space = std::move(head_->space);
    head_->kind.end(head_->words());
    space->deallocate({head_, head_->bytes(), head_->words(), head_->kind.clear});
}

SharedOwner::Head& SharedOwner::head() const {
    if (head_ == nullptr) {
        throw std::logic_error("a shared object was used that was moved from");
    }
    return *head_;
}

shm::Roster& SharedOwner::roster() const {
    return *head().roster;
}

void* SharedOwner::words() const {
    return head().words();
}

}  // namespace pinfold::detail
