#include <array>
#include <pinfold/kernels/is_prime.hpp>
#include <stdexcept>
#include <string>

#include "isa_functions.hpp"
#include "probable_prime.hpp"

namespace pinfold::kernels {
namespace {

/// Smaller numbers are tested alone: the batch is made for those that take long.
constexpr std::uint64_t least_of_batch = std::uint64_t{1} << 32;

/// The numbers that trial division left open, until there are enough for a batch.
class OpenNumbers {
  public:
    explicit OpenNumbers(std::span<std::uint8_t> answers)
        : functions_(isa_functions()), answers_(answers) {}

    /// Takes a number if it is open. Whether it is cannot be predicted, so there is no branch.
    void add_if(bool is_open, std::uint64_t number, std::size_t index) {
        numbers_[size_] = number;
        indexes_[size_] = index;
        size_ += is_open ? 1 : 0;
        if (size_ == primality_batch) {
            test();
        }
    }

    /// Answers what is left.
    void test() {
        std::array<std::uint8_t, primality_batch> passed{};
        functions_.test_batch({numbers_.data(), size_}, {passed.data(), size_});
        for (std::size_t i = 0; i < size_; ++i) {
            answers_[indexes_[i]] = passed[i];
        }
        size_ = 0;
    }

  private:
    const IsaFunctions& functions_;
    std::span<std::uint8_t> answers_;
    std::array<std::uint64_t, primality_batch> numbers_{};
    std::array<std::size_t, primality_batch> indexes_{};
    std::size_t size_ = 0;
};

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
    OpenNumbers open(answers);
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        if (numbers[i] <= least_of_batch) {
            answers[i] = is_prime(numbers[i]) ? 1 : 0;
        } else {
            answers[i] = 0;
            open.add_if(!has_small_factor(numbers[i]), numbers[i], i);
        }
    }
    open.test();
}

}  // namespace pinfold::kernels
