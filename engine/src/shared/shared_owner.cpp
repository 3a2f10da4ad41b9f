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

/// What lies before the words. Only its start is for all processes.
struct alignas(shm::cache_line) SharedOwner::Head : Start {
    Head(SpaceCore& its_space, const SharedKind& its_kind)
        : Start{&its_space.roster(), this + 1},
          kind(its_kind),
          space(its_space.shared_from_this()) {}

    const SharedKind kind;
    std::atomic<std::size_t> owners{1};
    const shm::ProcessMark maker = shm::mark_of_this_process();
    std::shared_ptr<SpaceCore> space;

    [[nodiscard]] std::size_t bytes() const noexcept { return sizeof(Head) + kind.bytes; }
};

SharedOwner::SharedOwner(SpaceCore& space, const SharedKind& kind)
    : head_(new (space.allocate(sizeof(Head) + kind.bytes)) Head(space, kind)) {}

void SharedOwner::join() noexcept {
    if (head().maker.holds()) {
        head().owners.fetch_add(1, std::memory_order_relaxed);
    }
}

void SharedOwner::leave() noexcept {
    // Acquire and release: whoever ends the object has seen what the others did with it.
    Head& all = head();
    if (!all.maker.holds() || all.owners.fetch_sub(1, std::memory_order_acq_rel) > 1) {
        return;
    }
    const std::shared_ptr<SpaceCore> space = std::move(all.space);
    all.kind.end(all.words);
    space->deallocate({&all, all.bytes(), all.words, all.kind.clear});
}

SharedOwner::Head& SharedOwner::head() const noexcept {
    return static_cast<Head&>(*head_);
}

void SharedOwner::throw_moved_from() {
    throw std::logic_error("a shared object was used that was moved from");
}

}  // namespace pinfold::detail
