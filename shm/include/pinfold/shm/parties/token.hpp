#pragma once

#include <cstdint>
#include <pinfold/api.hpp>

namespace pinfold::shm::detail {

/// What stands for a thread in shared words: its seat, and which life of the seat. 31 bits; 0 is
/// nobody's.
using Token = std::uint32_t;

inline constexpr int seat_bits = 12;
inline constexpr int incarnation_bits = 19;
inline constexpr Token no_token = 0;

/// Of the seat number `seat`, from 0. Incarnations repeat after 2^19 lives of a seat. That does not
/// matter: a burial leaves no token of the dead anywhere.
constexpr Token token_of(std::uint32_t seat, std::uint32_t incarnation) noexcept {
    return (incarnation & ((1U << incarnation_bits) - 1)) << seat_bits | (seat + 1);
}

/// Whose seat it is, from 0.
constexpr std::uint32_t seat_of(Token token) noexcept {
    return (token & ((1U << seat_bits) - 1)) - 1;
}

}  // namespace pinfold::shm::detail
