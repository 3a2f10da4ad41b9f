#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "wheel/wheel30.hpp"

// The idea: a prime p = 30 q + r and a cofactor m = 30 t + s have their product in byte
// p t + q s + floor(r s / 30). Over the eight residues s of a turn of the wheel the steps between
// these bytes are q times a constant plus a constant, and the bits are constants, all known from r
// and the residue that the turn starts with. So there is code for each of the 64 pairs of residues,
// unrolled over a turn: no table look-up and no branch for a multiple. Singleton, R. C. (1969),
// Algorithm 357, sieves by such a wheel.
namespace pinfold::kernels {

/// One turn of the wheel for primes of residue `Prime`, from a cofactor of residue `Cofactor`.
template <std::size_t Prime, std::size_t Cofactor>
struct Turn {
    /// The cofactor of step k, counted from the begin of the turn of 30 in which the walk starts.
    static constexpr std::uint32_t cofactor(std::size_t k) {
        return residues[(Cofactor + k) % 8] + 30 * static_cast<std::uint32_t>((Cofactor + k) / 8);
    }
    static constexpr std::uint32_t product(std::size_t k) { return residues[Prime] * cofactor(k); }

    /// How many bytes step k lies behind step 0.
    static constexpr std::size_t distance(std::size_t k, std::size_t quotient) {
        return quotient * (cofactor(k) - cofactor(0)) + (product(k) / 30 - product(0) / 30);
    }
    /// All bits but the one that step k crosses off.
    static constexpr std::uint8_t keep(std::size_t k) {
        return static_cast<std::uint8_t>(~(1U << residue_bit[product(k) % 30]));
    }
};

/// A multiple of a prime that is to be crossed off.
struct Place {
    std::uint32_t next;      ///< its byte, from the begin of the block
    std::uint32_t quotient;  ///< prime / 30; prime % 30 is known elsewhere
};

/// Where crossing off ended.
struct WalkEnd {
    std::size_t next;      ///< the byte of the next multiple, from the begin of the block
    std::size_t cofactor;  ///< the residue's number of its cofactor
};

/// The least distance from the first to the last of `count` cofactors in a row, up to nine.
constexpr std::uint32_t least_span(std::size_t count) noexcept {
    std::uint32_t least = 30;
    for (std::size_t first = 0; first < 8; ++first) {
        const std::size_t last = first + count - 1;
        const std::uint32_t span =
            residues[last % 8] + 30 * static_cast<std::uint32_t>(last / 8) - residues[first];
        least = span < least ? span : least;
    }
    return least;
}

/// From this quotient by 30 on a prime has at most `most` multiples in a block.
constexpr std::size_t first_quotient_with(std::size_t most, std::size_t block_bytes) noexcept {
    return block_bytes / least_span(most + 1) + 1;
}

/// As many multiples as there are.
inline constexpr std::size_t any_number = 8;

/// Crosses off all multiples in `block` of a prime, from `place` on, where its cofactor has residue
/// number `Cofactor`. They are at most `Most`. The seven bytes behind the block may be written too.
template <std::size_t Prime, std::size_t Cofactor, std::size_t Most = any_number>
[[gnu::always_inline]] inline WalkEnd cross_off_multiples(std::span<std::uint8_t> block,
                                                          Place place) noexcept {
    using Walk = Turn<Prime, Cofactor>;
    std::uint8_t* const bytes = block.data();
    const std::size_t size = block.size();
    const std::size_t quotient = place.quotient;
    constexpr std::size_t steps = Most < any_number ? Most : 7;
    const std::size_t last = Walk::distance(steps, quotient);
    std::size_t at = place.next;
    if constexpr (Most == any_number) {
        const std::size_t turn = Walk::distance(8, quotient);
        for (; at + last < size; at += turn) {
            [&]<std::size_t... K>(std::index_sequence<K...>) {
                ((bytes[at + Walk::distance(K, quotient)] &= Walk::keep(K)), ...);
            }
            (std::make_index_sequence<8>{});
        }
    }
    // How many are left is hard to predict, so all steps are taken without a branch: those outside
    // go to bytes of their own behind the block.
    std::size_t inside = 0;
    std::size_t next = at + last;
    const auto step = [&]<std::size_t K>(std::integral_constant<std::size_t, K>) {
        const std::size_t byte = at + Walk::distance(K, quotient);
        const bool is_inside = byte < size;
        bytes[is_inside ? byte : size + K] &= Walk::keep(K);
        next = is_inside ? next : byte;
        inside += is_inside ? 1 : 0;
    };
    [&]<std::size_t... K>(std::index_sequence<K...>) {
        (step(std::integral_constant<std::size_t, steps - 1 - K>{}), ...);
    }
    (std::make_index_sequence<steps>{});
    return {next, (Cofactor + inside) % 8};
}

}  // namespace pinfold::kernels
