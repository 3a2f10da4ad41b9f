#include "shared/refusal.hpp"

#include <pinfold/engine/errors.hpp>
#include <pinfold/engine/shared/errors.hpp>
#include <string>
#include <system_error>

namespace pinfold::detail {

void throw_what_was_told(shm::Taken taken, const char* call) {
    using shm::Taken;
    switch (taken) {
        case Taken::yes:
        case Taken::yes_abandoned:
        case Taken::no_time:
            return;
        case Taken::no_abandoned:
            throw OwnerDied(call);
        case Taken::no_broken:
            throw PoolBroken(std::string(call) + ": " + nobody_would_tell);
        case Taken::no_own:
            throw std::system_error(std::make_error_code(std::errc::resource_deadlock_would_occur),
                                    std::string(call) + ": the calling thread holds it already");
        case Taken::no_room:
            throw std::system_error(std::make_error_code(std::errc::resource_unavailable_try_again),
                                    std::string(call) + ": " + too_many_names);
        case Taken::no_more:
            throw ObjectEnded(call);
    }
}

void throw_not_owner(const shm::OwnerWord& word, const shm::Roster& roster, const char* call) {
    const shm::detail::Token owner = word.owner();
    const std::string who =
        owner == shm::detail::no_token
            ? "nobody holds it"
            : "it is held by a thread of process " + std::to_string(roster.pid_of(owner));
    throw_not_permitted(std::string(call) + ": the calling thread does not hold it; " + who);
}

void throw_not_permitted(const std::string& why) {
    throw std::system_error(std::make_error_code(std::errc::operation_not_permitted), why);
}

}  // namespace pinfold::detail
