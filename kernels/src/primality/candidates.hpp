#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

#include "primality/probable_primes_batch.hpp"

namespace pinfold::kernels {

/// A bit for each number that is tested side by side with others.
using Answers = std::uint32_t;

/// The numbers of a batch that no test has found composite yet.
class Candidates {
  public:
    explicit Candidates(std::span<const std::uint64_t> numbers) noexcept : size_(numbers.size()) {
        for (std::size_t i = 0; i < size_; ++i) {
            numbers_[i] = numbers[i];
            places_[i] = static_cast<std::uint16_t>(i);
        }
    }

    /// Keeps those that pass `test`, which takes `lanes` numbers at once; the last time some of
    /// them may be numbers that have been tested before.
    template <std::size_t lanes, typename Test>
    void sift(Test test) noexcept {
        std::size_t kept = 0;
        for (std::size_t first = 0; first < size_; first += lanes) {
            const std::size_t size = std::min(lanes, size_ - first);
            std::fill_n(&numbers_[first + size], lanes - size, numbers_[first]);
            const Answers passed =
                test(std::span<const std::uint64_t, lanes>(&numbers_[first], lanes));
            for (std::size_t i = 0; i < size; ++i) {
                numbers_[kept] = numbers_[first + i];
                places_[kept] = places_[first + i];
                kept += (passed >> i) & 1U;
            }
        }
        size_ = kept;
    }

    /// Sets the answers of those that are left to 1, and all others to 0.
    void answer(std::span<std::uint8_t> answers) const noexcept {
        std::fill(answers.begin(), answers.end(), std::uint8_t{0});
        for (std::size_t i = 0; i < size_; ++i) {
            answers[places_[i]] = 1;
        }
    }

  private:
    static_assert(primality_batch <= 65'536, "a place has 16 bits");
    static constexpr std::size_t spare = 32;  // lanes that are filled up

    std::array<std::uint64_t, primality_batch + spare> numbers_;
    std::array<std::uint16_t, primality_batch> places_;
    std::size_t size_;
};

}  // namespace pinfold::kernels
