// F(n) mod m for many n by powers of the golden ratio, phi^n = F(n - 1) + F(n) phi. Written with
// `width` bits a digit, n = n0 + n1 2^width + ..., and phi^n is the product of one tabled power for
// each digit: a few products, where fast doubling has three for every bit (fixed-base windows; Yao
// 1976; Brickell, Gordon, McCurley and Wilson 1992).
//
// Each product waits for the last one of its number, so several numbers go side by side.
#include <algorithm>
#include <array>
#include <bit>
#include <pinfold/kernels/fibonacci.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "fibonacci/fibonacci_arithmetic.hpp"

namespace pinfold::kernels {
namespace {

/// F(n - 1) and F(n), which stand for phi^n.
struct Power {
    std::uint64_t before;
    std::uint64_t now;
};

/// Karatsuba's product, with phi^2 = phi + 1.
template <typename Arithmetic>
Power multiply(const Power& x, const Power& y, const Arithmetic& mod) noexcept {
    const std::uint64_t ones = mod.multiply(x.before, y.before);
    const std::uint64_t squares = mod.multiply(x.now, y.now);
    const std::uint64_t all = mod.multiply(mod.add(x.before, x.now), mod.add(y.before, y.now));
    return {mod.add(ones, squares), mod.subtract(all, ones)};
}

/// How many numbers go side by side: more do not fit the registers.
constexpr std::size_t lanes = 4;

/// Widths of a digit in bits; from `many` numbers on the larger tables are worth their making, 2048
/// products instead of 256 (bench/kernels/fibonacci_bench, scattered_odd_m).
constexpr int narrow = 4;
constexpr int wide = 8;
constexpr std::size_t many = 512;

template <typename Arithmetic>
class PowersOfPhi {
  public:
    /// For exponents up to `largest`.
    PowersOfPhi(const Arithmetic& mod, std::uint64_t largest, int width)
        : mod_(mod),
          width_(width),
          digits_(std::max(1, (64 - std::countl_zero(largest) + width - 1) / width)),
          powers_(static_cast<std::size_t>(digits_) << width) {
        Power base{0, mod.one()};
        for (std::size_t digit = 0; digit < powers_.size(); digit += std::size_t{1} << width) {
            Power power{mod.one(), 0};
            for (std::size_t i = 0; i < std::size_t{1} << width; ++i) {
                powers_[digit + i] = power;
                power = multiply(power, base, mod);
            }
            base = power;
        }
    }

    /// F(n) of each index.
    std::array<std::uint64_t, lanes> at(
        const std::array<std::uint64_t, lanes>& indexes) const noexcept {
        std::array<Power, lanes> power;
        for (std::size_t i = 0; i < lanes; ++i) {
            power[i] = tabled(indexes[i], 0);
        }
        for (int digit = 1; digit < digits_; ++digit) {
            for (std::size_t i = 0; i < lanes; ++i) {
                power[i] = multiply(power[i], tabled(indexes[i], digit), mod_);
            }
        }
        std::array<std::uint64_t, lanes> values;
        for (std::size_t i = 0; i < lanes; ++i) {
            values[i] = mod_.value(power[i].now);
        }
        return values;
    }

  private:
    [[nodiscard]] const Power& tabled(std::uint64_t index, int digit) const noexcept {
        const std::uint64_t mask = (std::uint64_t{1} << width_) - 1;
        const auto table = static_cast<std::size_t>(digit) << width_;
        return powers_[table + ((index >> (digit * width_)) & mask)];
    }

    Arithmetic mod_;
    int width_;
    int digits_;
    std::vector<Power> powers_;  ///< digit by digit, the powers for each of its values
};

/// Calls set(i, F(indexes[i])) for each i.
template <typename Arithmetic, typename Set>
void for_each_value(std::span<const std::uint64_t> indexes, const Arithmetic& mod, Set set) {
    const std::uint64_t largest = *std::max_element(indexes.begin(), indexes.end());
    const PowersOfPhi<Arithmetic> powers(mod, largest, indexes.size() < many ? narrow : wide);
    for (std::size_t first = 0; first < indexes.size(); first += lanes) {
        const std::size_t size = std::min(lanes, indexes.size() - first);
        std::array<std::uint64_t, lanes> some{};
        std::copy_n(&indexes[first], size, some.begin());
        const std::array<std::uint64_t, lanes> values = powers.at(some);
        for (std::size_t i = 0; i < size; ++i) {
            set(first + i, values[i]);
        }
    }
}

}  // namespace

void fibonacci_mod(std::span<const std::uint64_t> indexes, std::span<std::uint64_t> values,
                   std::uint64_t m) {
    if (indexes.size() != values.size()) {
        throw std::invalid_argument(std::to_string(indexes.size()) + " indexes cannot have " +
                                    std::to_string(values.size()) + " values");
    }
    require_modulus(m);
    constexpr std::size_t few = 3;  // the tables are not worth their making
    if (indexes.size() < few) {
        for (std::size_t i = 0; i < indexes.size(); ++i) {
            values[i] = fibonacci_mod(indexes[i], m);
        }
        return;
    }
    const int twos = std::countr_zero(m);
    const std::uint64_t odd = m >> twos;
    std::fill(values.begin(), values.end(), 0);
    if (odd > 1) {
        for_each_value(indexes, Montgomery(odd),
                       [&](std::size_t i, std::uint64_t value) { values[i] = value; });
    }
    if (twos > 0) {
        for_each_value(indexes, Wrapping{}, [&](std::size_t i, std::uint64_t value) {
            values[i] = join(values[i], value, odd, twos);
        });
    }
}

}  // namespace pinfold::kernels
