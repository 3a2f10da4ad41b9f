// Fast doubling by two squarings. From A = F(k)^2 and B = F(k-1)^2 come, with e = 2 (-1)^k,
//
//     F(2k+1) = 4 A - B + e,   F(2k) = 3 A - 2 B + e,   F(2k-1) = A + B,
//
// of which each step takes the two that n asks for and squares them. A task finds its operand by
// itself, so the two tasks of a step share nothing but what the last step left:
//
//     squares of step i-1 ──┬─► operand 0 ─► its square ─┬─► step i+1
//                           └─► operand 1 ─► its square ─┘
//
// In the end F(n) is one such sum. It can also be had by a single product of F(k) and F(k-1) sums,
// as GMP does: one product of different numbers costs three transforms, two squarings cost four.

#include <algorithm>
#include <bit>
#include <pinfold/kernels/exact_fibonacci.hpp>
#include <stdexcept>

#include "arithmetic/number_range.hpp"
#include "exact/gmp_scratch.hpp"
#include "exact/limb_memory.hpp"

namespace pinfold::kernels {
namespace {

// Below as many bits of n a value is a matter of microseconds, and GMP's own function is as good.
constexpr unsigned bits_at_once = 16;
constexpr unsigned bits_at_start = 14;

bool is_short(std::uint64_t n) noexcept {
    return n >> bits_at_once == 0;
}

std::size_t limbs(std::uint64_t n) noexcept {
    return static_cast<std::size_t>((fibonacci_bits(n) + 63) / 64);
}

void fill(std::span<Limb> to, mpz_srcptr from) {
    const auto rest = std::copy_n(mpz_limbs_read(from), mpz_size(from), to.begin());
    std::fill(rest, to.end(), 0);
}

mp_size_t size_of(std::span<const Limb> limbs) {
    return static_cast<mp_size_t>(limbs.size());
}

void square_to(std::span<Limb> square, std::span<const Limb> root) {
    mpn_sqr(square.data(), root.data(), size_of(root));
}

/// sum += 2 (-1)^k
void add_sign(std::span<Limb> sum, std::uint64_t k) {
    if (k % 2 == 0) {
        mpn_add_1(sum.data(), sum.data(), size_of(sum), 2);
    } else {
        mpn_sub_1(sum.data(), sum.data(), size_of(sum), 2);
    }
}

/// F(2k + offset) from the squares of F(k) and F(k-1), in a limb more than they have.
void add_squares(std::span<Limb> sum, std::span<const Limb> a, std::span<const Limb> b,
                 std::uint64_t k, int offset) {
    const mp_size_t size = size_of(a);
    if (offset < 0) {
        sum[a.size()] = mpn_add_n(sum.data(), a.data(), b.data(), size);
        return;
    }
    if (offset == 0) {
        sum[a.size()] = mpn_mul_1(sum.data(), a.data(), size, 3);
        sum[a.size()] -= mpn_submul_1(sum.data(), b.data(), size, 2);
    } else {
        sum[a.size()] = mpn_lshift(sum.data(), a.data(), size, 2);
        sum[a.size()] -= mpn_sub_n(sum.data(), sum.data(), b.data(), size);
    }
    add_sign(sum, k);
}

}  // namespace

FibonacciChain::FibonacciChain(std::uint64_t n, int workers)
    : n_(n),
      doublings_(is_short(n) ? 0 : static_cast<unsigned>(std::bit_width(n)) - bits_at_start),
      in_turn_(workers <= 1) {
    if (n > max_exact_fibonacci) {
        throw std::invalid_argument("F(" + decimal(n) +
                                    ") is too long to be exact; the limit is F(" +
                                    decimal(max_exact_fibonacci) + ")");
    }
}

// Step 0 starts, steps 1 to doublings_ - 1 double, and the last doubling is either a product in
// place of the last squares or a sum behind them.
std::size_t FibonacciChain::steps() const noexcept {
    return doublings_ == 0 || in_turn_ ? std::max<std::size_t>(1, doublings_) : doublings_ + 1;
}

std::size_t FibonacciChain::tasks(std::size_t step) const noexcept {
    return step == 0 || step + 1 == steps() ? 1 : 2;
}

std::size_t FibonacciChain::last_squares() const noexcept {
    return steps() - 2;
}

std::uint64_t FibonacciChain::index(std::size_t step) const noexcept {
    return n_ >> (doublings_ - step);
}

std::size_t FibonacciChain::value_limbs() const noexcept {
    return doublings_ == 0 ? limbs(n_) : 2 * limbs(n_ / 2) + 2;
}

std::size_t FibonacciChain::square_limbs(std::size_t step) const noexcept {
    return 2 * limbs(index(step));
}

// Two rows in turn hold the squares of a step and those of the step before. The last squares are in
// the second row, so that the value can take the place of the others.
std::size_t FibonacciChain::first_row_limbs() const noexcept {
    return std::max(value_limbs(), 2 * square_limbs(last_squares() - 1));
}

std::span<Limb> FibonacciChain::square(std::size_t step, std::size_t which,
                                       std::span<Limb> work) const noexcept {
    const std::size_t row = (last_squares() - step) % 2 == 0 ? first_row_limbs() : 0;
    return work.subspan(row + which * square_limbs(step), square_limbs(step));
}

std::size_t FibonacciChain::work_limbs() const noexcept {
    return doublings_ == 0 ? value_limbs() : first_row_limbs() + 2 * square_limbs(last_squares());
}

// Two operands, and GMP's temporaries for the longest product.
std::size_t FibonacciChain::scratch_limbs() const noexcept {
    return value_limbs() + 8 + gmp_scratch_limbs(value_limbs());
}

std::size_t FibonacciChain::scratch_bytes(unsigned at_once) const noexcept {
    return std::min(at_once, in_turn_ ? 1U : 2U) * scratch_limbs() * sizeof(Limb);
}

void FibonacciChain::run(std::size_t step, std::size_t task, std::span<Limb> work) const {
    const auto value = work.first(value_limbs());
    if (doublings_ == 0) {
        find_at_once(value);
    } else if (step == 0) {
        start(work);
    } else if (step + 1 < steps()) {
        square_sum(step, task, work);
    } else if (in_turn_) {
        multiply_last(work);
    } else {
        combine(step, static_cast<int>(n_ % 2), value, work);
    }
}

void FibonacciChain::find_at_once(std::span<Limb> value) const {
    const LimbMemory memory(scratch_limbs());
    const GmpScratch gmp(memory.span());
    mpz_t f;
    mpz_init(f);
    mpz_fib_ui(f, n_);
    fill(value, f);
    mpz_clear(f);
}

void FibonacciChain::start(std::span<Limb> work) const {
    const LimbMemory memory(scratch_limbs());
    LimbStack scratch(memory.span());
    const std::size_t size = limbs(index(0));
    const std::span<Limb> roots[] = {scratch.take(size), scratch.take(size)};
    const GmpScratch gmp(scratch.rest());
    mpz_t f;
    mpz_t before;
    mpz_init(f);
    mpz_init(before);
    mpz_fib2_ui(f, before, index(0));
    fill(roots[0], f);
    fill(roots[1], before);
    mpz_clear(f);
    mpz_clear(before);
    for (std::size_t which = 0; which < 2; ++which) {
        square_to(square(0, which, work), roots[which]);
    }
}

void FibonacciChain::square_sum(std::size_t step, std::size_t which, std::span<Limb> work) const {
    const LimbMemory memory(scratch_limbs());
    LimbStack scratch(memory.span());
    const auto sum = scratch.take(square_limbs(step - 1) + 1);
    const int bit = static_cast<int>(index(step) % 2);
    combine(step, bit - static_cast<int>(which), sum, work);
    const GmpScratch gmp(scratch.rest());
    square_to(square(step, which, work), sum.first(limbs(index(step))));
}

/// sum = F(2 k + offset), k being the index of the step before; the rest of it becomes zeros.
void FibonacciChain::combine(std::size_t step, int offset, std::span<Limb> sum,
                             std::span<Limb> work) const {
    const auto a = square(step - 1, 0, work);
    const auto b = square(step - 1, 1, work);
    add_squares(sum.first(a.size() + 1), a, b, index(step - 1), offset);
    std::ranges::fill(sum.subspan(a.size() + 1), 0);
}

// With f = F(k) and g = F(k-1): F(2k) = f (f + 2 g), F(2k+1) = (2 f + g) (2 f - g) + 2 (-1)^k.
void FibonacciChain::multiply_last(std::span<Limb> work) const {
    const LimbMemory memory(scratch_limbs());
    LimbStack scratch(memory.span());
    const std::size_t step = doublings_ - 1;
    const std::uint64_t k = index(step);
    const int bit = static_cast<int>(k % 2);
    // The squares may have a limb less than their sum, and the sum has to be doubled.
    const std::size_t room = std::max(square_limbs(step - 1), limbs(k)) + 1;
    const auto f = scratch.take(room);
    const auto g = scratch.take(room);
    combine(step, bit, f, work);
    combine(step, bit - 1, g, work);
    const mp_size_t size = static_cast<mp_size_t>(limbs(k) + 1);
    if (n_ % 2 == 0) {
        mpn_lshift(g.data(), g.data(), size, 1);
        mpn_add_n(g.data(), g.data(), f.data(), size);  // f + 2 g
    } else {
        mpn_lshift(f.data(), f.data(), size, 1);
        mpn_sub_n(g.data(), f.data(), g.data(), size);  // 2 f - g
        mpn_lshift(f.data(), f.data(), size, 1);
        mpn_sub_n(f.data(), f.data(), g.data(), size);  // 4 f - (2 f - g)
    }
    const auto value = work.first(value_limbs());
    const GmpScratch gmp(scratch.rest());
    mpn_mul_n(value.data(), f.data(), g.data(), size);
    if (n_ % 2 != 0) {
        add_sign(value, k);
    }
}

}  // namespace pinfold::kernels
