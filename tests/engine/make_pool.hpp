#pragma once

#include <array>
#include <pinfold/engine/pool.hpp>
#include <string>

namespace pinfold::testing {

inline constexpr std::array all_crews{Crew::serial, Crew::threads, Crew::processes};

/// A pool of `workers`; the serial crew has one.
inline Pool make_pool(Crew crew, int workers, const std::string& pin = "none") {
    return Pool(
        {.crew = crew, .workers = workers, .pin = pin, .arena_bytes = std::size_t{1} << 30});
}

}  // namespace pinfold::testing
