#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>

#include "arithmetic/round_up.hpp"

namespace pinfold::kernels {

/// The parts of a phase's memory, one behind the other.
class Parts {
  public:
    explicit Parts(std::byte* memory = nullptr) noexcept : memory_(memory) {}

    template <typename Element>
    std::span<Element> next(std::size_t count) noexcept {
        Element* const begin =
            memory_ == nullptr ? nullptr : reinterpret_cast<Element*>(memory_ + used_);
        used_ += round_up(count * sizeof(Element), 64);
        return {begin, memory_ == nullptr ? 0 : count};
    }
    [[nodiscard]] std::size_t used() const noexcept { return used_; }

  private:
    std::byte* memory_;
    std::size_t used_ = 0;
};

/// More than the number of primes up to n (Rosser and Schoenfeld 1962).
inline std::size_t enough_for_primes(std::uint64_t n) noexcept {
    const auto real = static_cast<double>(std::max<std::uint64_t>(n, 17));
    return static_cast<std::size_t>(1.25506 * real / std::log(real)) + 8;
}

}  // namespace pinfold::kernels
