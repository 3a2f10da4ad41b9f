#pragma once

#include <cstdint>
#include <pinfold/api.hpp>

namespace pinfold::shm {

/// What came of a try to take something that parties share, or of a wait for it.
enum class Taken : std::uint8_t {
    yes,
    yes_abandoned,  ///< the caller has it, and is told that an owner before has died
    no_abandoned,   ///< the caller did not accept that: it does not have it
    no_time,        ///< the time is over
    no_broken,      ///< nobody buries any more
    no_own,         ///< the caller has it already
    no_room,        ///< the caller is at as many words as a seat can name
    no_more,        ///< the word has ended
};

/// Whether the caller has it.
[[nodiscard]] constexpr bool is_taken(Taken taken) noexcept {
    return taken == Taken::yes || taken == Taken::yes_abandoned;
}

}  // namespace pinfold::shm
