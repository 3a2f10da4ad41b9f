#include <algorithm>
#include <pinfold/kernels/decimal_digits.hpp>
#include <pinfold/kernels/exact_fibonacci.hpp>

#include "arithmetic/number_range.hpp"
#include "exact/gmp_scratch.hpp"
#include "exact/limb_memory.hpp"

namespace pinfold::kernels {
namespace {

/// F(n) and whatever its calculation left behind it.
struct Binary {
    LimbMemory work;
    std::size_t limbs;

    [[nodiscard]] std::span<Limb> value() const { return work.span().first(limbs); }
};

Binary binary(std::uint64_t n) {
    const FibonacciChain chain(n);
    Binary result{LimbMemory(chain.work_limbs()), chain.value_limbs()};
    run_in_turn(chain, [&](std::size_t step, std::size_t task) {
        chain.run(step, task, result.work.span());
    });
    return result;
}

std::string decimal_text(std::span<const Limb> value, std::uint64_t bits) {
    const DecimalDigits digits(bits);
    std::string text(digits.digits(), '0');
    const LimbMemory work(digits.work_limbs());
    run_in_turn(digits, [&](std::size_t step, std::size_t task) {
        digits.run(step, task, value, text, work.span());
    });
    text.erase(0, text.size() - digits.finish(text, work.span()).size());
    return text;
}

std::string hexadecimal_text(std::span<const Limb> value) {
    std::string text(16 * value.size(), '0');
    write_hexadecimal(value, text);
    text.erase(0, std::min(text.find_first_not_of('0'), text.size() - 1));
    return text;
}

std::string text_of(std::span<const Limb> value, std::uint64_t bits, Base base) {
    return base == Base::decimal ? decimal_text(value, bits) : hexadecimal_text(value);
}

}  // namespace

std::uint64_t fibonacci_bits(std::uint64_t n) noexcept {
    constexpr double bits_per_step = 0.694241913630617301;  // log2 of the golden ratio
    return static_cast<std::uint64_t>(static_cast<double>(n) * bits_per_step) + 1;
}

void subtract(std::span<const Limb> a, std::span<const Limb> b,
              std::span<Limb> difference) noexcept {
    const std::size_t common = std::min(a.size(), b.size());
    mpn_sub(difference.data(), a.data(), static_cast<mp_size_t>(a.size()), b.data(),
            static_cast<mp_size_t>(common));
}

void write_hexadecimal(std::span<const Limb> value, std::span<char> text) noexcept {
    auto at = text.begin();
    for (auto limb = value.rbegin(); limb != value.rend(); ++limb) {
        for (int shift = 60; shift >= 0; shift -= 4) {
            *at++ = "0123456789abcdef"[(*limb >> shift) & 15];
        }
    }
}

std::string fibonacci(std::uint64_t n, Base base) {
    return text_of(binary(n).value(), fibonacci_bits(n), base);
}

std::string fibonacci_sum(std::uint64_t begin, std::uint64_t end, Base base) {
    require_range(begin, end);
    static_cast<void>(FibonacciChain(end));  // refuses what end + 1 could hide by wrapping
    const Binary above = binary(end + 1);
    const Binary below = binary(begin + 1);
    subtract(above.value(), below.value(), above.value());
    return text_of(above.value(), fibonacci_bits(end + 1), base);
}

}  // namespace pinfold::kernels
