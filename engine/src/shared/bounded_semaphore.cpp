#include <pinfold/engine/shared/bounded_semaphore.hpp>
#include <stdexcept>
#include <string>

#include "handover.hpp"
#include "shared/refusal.hpp"

namespace pinfold {

namespace {

void end_bounded_semaphore(void* words) {
    static_cast<shm::BoundedWord*>(words)->end();
}

detail::SharedKind bounded_semaphore_kind(std::uint32_t permits) {
    if (permits == 0 || permits > shm::BoundedWord::most) {
        throw std::invalid_argument("a BoundedSemaphore has 1 to " +
                                    std::to_string(shm::BoundedWord::most) + " permits, not " +
                                    std::to_string(permits));
    }
    return {"BoundedSemaphore", shm::BoundedWord::bytes_for(permits), end_bounded_semaphore};
}

}  // namespace

BoundedSemaphore::BoundedSemaphore(const Space& space, std::uint32_t permits)
    : owner_(space.core(), bounded_semaphore_kind(permits)) {
    shm::BoundedWord::make(owner_.words(), permits);
}

shm::BoundedWord& BoundedSemaphore::word() const {
    return *static_cast<shm::BoundedWord*>(owner_.words());
}

bool BoundedSemaphore::acquire_before(shm::Until until) const {
    const shm::Taken taken = word().take(owner_.roster(), until);
    detail::throw_unless_taken(taken, "BoundedSemaphore::acquire()", &word());
    return shm::is_taken(taken);
}

void BoundedSemaphore::release() const {
    detail::hand_over_unseen(&word());
    if (!word().give_back(owner_.roster())) {
        detail::throw_not_permitted(
            "BoundedSemaphore::release(): the calling thread holds none of its " +
            std::to_string(permits()) + " permits, of which " + std::to_string(available()) +
            " are free");
    }
}

std::uint32_t BoundedSemaphore::permits() const {
    return word().places();
}

std::uint32_t BoundedSemaphore::available() const {
    return word().free_places();
}

}  // namespace pinfold
