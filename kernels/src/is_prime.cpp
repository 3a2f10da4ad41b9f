#include <pinfold/kernels/is_prime.hpp>
#include <stdexcept>
#include <string>

#include "probable_prime.hpp"

namespace pinfold::kernels {

bool is_prime(std::uint64_t n) noexcept {
    const Verdict verdict = try_small_primes(n);
    if (verdict != Verdict::open) {
        return verdict == Verdict::prime;
    }
    const Montgomery mod(n);
    return is_strong_probable_prime(mod) && is_lucas_probable_prime(mod);
}

void are_prime(std::span<const std::uint64_t> numbers, std::span<std::uint8_t> answers) {
    if (numbers.size() != answers.size()) {
        throw std::invalid_argument(std::to_string(numbers.size()) + " numbers cannot have " +
                                    std::to_string(answers.size()) + " answers");
    }
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        answers[i] = is_prime(numbers[i]) ? 1 : 0;
    }
}

}  // namespace pinfold::kernels
