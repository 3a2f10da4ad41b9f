#include <algorithm>
#include <array>
#include <pinfold/kernels/is_prime.hpp>
#include <stdexcept>
#include <string>

#include "primality/primality_functions.hpp"
#include "primality/probable_prime.hpp"
#include "primality/small_factors.hpp"

namespace pinfold::kernels {
namespace {

/// Answers the open numbers, and empties the list.
void answer(OpenNumbers& open, const PrimalityFunctions& functions,
            std::span<std::uint8_t> answers) {
    std::array<std::uint8_t, primality_batch> passed;
    functions.test_batch(std::span(open.numbers).first(open.size),
                         std::span(passed).first(open.size));
    for (std::size_t i = 0; i < open.size; ++i) {
        answers[open.indexes[i]] = passed[i];
    }
    open.size = 0;
}

}  // namespace

bool is_prime(std::uint64_t n) noexcept {
    const Verdict verdict = try_small_primes(n);
    if (verdict != Verdict::open) {
        return verdict == Verdict::prime;
    }
    return is_probable_prime(Montgomery(n));
}

void are_prime(std::span<const std::uint64_t> numbers, std::span<std::uint8_t> answers) {
    if (numbers.size() != answers.size()) {
        throw std::invalid_argument(std::to_string(numbers.size()) + " numbers cannot have " +
                                    std::to_string(answers.size()) + " answers");
    }
    const PrimalityFunctions& functions = primality_functions.active();
    OpenNumbers open;
    for (std::size_t first = 0; first < numbers.size(); first += open_block) {
        const auto block = numbers.subspan(first, std::min(open_block, numbers.size() - first));
        for (std::size_t i = 0; i < block.size(); ++i) {
            answers[first + i] = block[i] <= largest_unlisted && is_prime(block[i]) ? 1 : 0;
        }
        functions.list_open(block, first, open);
        if (open.size + open_block > primality_batch) {
            answer(open, functions, answers);
        }
    }
    answer(open, functions, answers);
}

}  // namespace pinfold::kernels
