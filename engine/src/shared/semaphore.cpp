#include <new>
#include <pinfold/engine/shared/semaphore.hpp>
#include <stdexcept>
#include <string>
#include <system_error>

#include "handover.hpp"
#include "shared/refusal.hpp"

namespace pinfold {

namespace {

using Raised = shm::SemaphoreWord::Raised;

void end_semaphore(void* words) {
    static_cast<shm::SemaphoreWord*>(words)->end();
}

constexpr detail::SharedKind semaphore_kind{"Semaphore", sizeof(shm::SemaphoreWord), end_semaphore};

}  // namespace

Semaphore::Semaphore(const Space& space, std::uint32_t first)
    : owner_(space.core(), semaphore_kind) {
    if (first > max()) {
        throw std::invalid_argument("a Semaphore begins with at most " + std::to_string(max()) +
                                    ", not with " + std::to_string(first));
    }
    new (owner_.words()) shm::SemaphoreWord(first);
}

shm::SemaphoreWord& Semaphore::word() const {
    return *static_cast<shm::SemaphoreWord*>(owner_.words());
}

bool Semaphore::acquire_before(shm::Until until) const {
    const shm::Taken taken = word().lower(owner_.roster(), until);
    detail::throw_unless_taken(taken, "Semaphore::acquire()", &word());
    return shm::is_taken(taken);
}

void Semaphore::release(std::uint32_t by) const {
    constexpr const char* call = "Semaphore::release()";
    detail::hand_over_unseen(&word());
    switch (word().raise(owner_.roster(), by)) {
        case Raised::yes:
            return;
        case Raised::no_more:
            detail::throw_unless_taken(shm::Taken::no_more, call);
            return;
        case Raised::no_room:
            detail::throw_unless_taken(shm::Taken::no_room, call);
            return;
        case Raised::too_high:
            throw std::system_error(std::make_error_code(std::errc::value_too_large),
                                    std::string(call) + ": " + std::to_string(by) +
                                        " more would be beyond its limit of " +
                                        std::to_string(max()));
    }
}

std::uint32_t Semaphore::value() const {
    return word().value();
}

}  // namespace pinfold
