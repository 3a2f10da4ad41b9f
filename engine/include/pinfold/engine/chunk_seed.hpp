#pragma once

#include <cstdint>
#include <pinfold/api.hpp>

namespace pinfold {

/// A 64-bit seed for the random numbers of one chunk: the same on every crew, with any number of
/// workers.
///
/// Neighbouring chunks, and neighbouring values of `seed`, get unrelated seeds. The function is the
/// SplitMix64 finaliser (Steele, Lea, Flood, "Fast splittable pseudorandom number generators",
/// 2014) over both arguments.
[[nodiscard]] constexpr std::uint64_t chunk_seed(std::uint64_t seed, std::uint64_t index) noexcept {
    constexpr auto mix = [](std::uint64_t z) {
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
        return z ^ (z >> 31);
    };
    constexpr std::uint64_t golden_gamma = 0x9e3779b97f4a7c15U;
    return mix(mix(seed + golden_gamma) + (index + 1) * golden_gamma);
}

}  // namespace pinfold
