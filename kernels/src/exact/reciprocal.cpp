// Newton's iteration x' = x + x (1 - d x) doubles the good limbs. All rounding is downwards and one
// unit is taken off each time, so 1 - d x is never negative and needs no sign.
//
// With k good limbs, x at most 3 units low, and d cut to `next` + 1 limbs, where next < 2 k:
// cutting d makes the correction too large by less than 2^-60 units, leaving the square of the
// error out makes it too small by less than 2^-58, and rounding costs one unit. So x' less one unit
// is again below the true value by less than 3.

#include "exact/reciprocal.hpp"

#include <algorithm>

#include "exact/gmp_scratch.hpp"
#include "exact/limb_memory.hpp"

namespace pinfold::kernels {
namespace {

/// The first limbs of x by plain division, B^(2k+1) / d for the first k + 1 limbs of d.
void start(std::span<Limb> x, std::span<const Limb> d, LimbStack scratch) {
    const std::size_t good = x.size() - 1;
    const auto divisor = d.last(std::min(d.size(), good + 1));
    const auto dividend = scratch.take(good + divisor.size() + 1);
    std::ranges::fill(dividend, 0);
    dividend.back() = 1;
    const auto quotient = scratch.take(good + 2);
    const auto remainder = scratch.take(divisor.size());
    mpn_tdiv_qr(quotient.data(), remainder.data(), 0, dividend.data(),
                static_cast<mp_size_t>(dividend.size()), divisor.data(),
                static_cast<mp_size_t>(divisor.size()));
    std::ranges::copy(quotient.first(x.size()), x.begin());
    mpn_sub_1(x.data(), x.data(), static_cast<mp_size_t>(x.size()), 1);
}

/// From `good` limbs behind the point, x.first(good + 1), to x.size() - 1 of them.
void improve(std::span<Limb> x, std::size_t good, std::span<const Limb> d, LimbStack scratch) {
    const std::size_t next = x.size() - 1;
    const auto cut = d.last(std::min(d.size(), next + 1));
    const auto product = scratch.take(cut.size() + good + 1);
    multiply(product.data(), cut, x.first(good + 1));
    // 1 - d x, of which the first good - 1 limbs behind the point are zeros.
    const auto error = product.first(cut.size() + good);
    mpn_neg(error.data(), error.data(), static_cast<mp_size_t>(error.size()));
    const auto significant = error.subspan(cut.size() + good - next - 1, next - good + 2);

    const auto correction = scratch.take(good + 1 + significant.size());
    multiply(correction.data(), x.first(good + 1), significant);
    std::copy_backward(x.begin(), x.begin() + static_cast<std::ptrdiff_t>(good + 1), x.end());
    std::ranges::fill(x.first(next - good), 0);
    mpn_add(x.data(), x.data(), static_cast<mp_size_t>(x.size()), correction.data() + good + 1,
            static_cast<mp_size_t>(significant.size()));
    mpn_sub_1(x.data(), x.data(), static_cast<mp_size_t>(x.size()), 1);
}

void refine(std::span<Limb> x, std::span<const Limb> d, std::span<Limb> scratch) {
    constexpr std::size_t by_division = 32;  // where GMP's quadratic division is still the faster
    const std::size_t precision = x.size() - 1;
    if (precision <= by_division) {
        start(x, d, LimbStack(scratch));
        return;
    }
    const std::size_t half = precision / 2 + 1;
    refine(x.first(half + 1), d, scratch);
    improve(x, half, d, LimbStack(scratch));
}

}  // namespace

void reciprocal(std::span<Limb> x, std::span<const Limb> d, std::span<Limb> scratch) noexcept {
    refine(x, d, scratch);
}

}  // namespace pinfold::kernels
