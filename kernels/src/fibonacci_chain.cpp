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
#include <string>

#include "gmp_scratch.hpp"
#include "number_range.hpp"

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

std::uint64_t FibonacciChain::index(std::size_t step) const noexcept {
    return n_ >> (doublings_ - step);
}

std::size_t FibonacciChain::value_limbs() const noexcept {
    return doublings_ == 0 ? limbs(n_) : 2 * limbs(n_ / 2) + 2;
}

// The last step of one worker keeps the factors of its product in the squares' place.
std::size_t FibonacciChain::square_limbs(std::size_t step) const noexcept {
    const std::size_t root = limbs(index(step));
    return in_turn_ && step + 1 == doublings_ ? root + 1 : 2 * root;
}

// Squares of one step lie beside those of the step before; the longest are those of the last two.
std::span<Limb> FibonacciChain::square(std::size_t step, std::size_t which,
                                       std::span<Limb> work) const noexcept {
    const std::size_t last = doublings_ - 1;
    const bool with_last = (last - step) % 2 == 0;
    const std::size_t row = with_last ? 0 : 2 * square_limbs(last);
    return work.subspan(row + which * square_limbs(step), square_limbs(step));
}

std::span<Limb> FibonacciChain::operand(std::size_t which, std::span<Limb> work) const noexcept {
    const std::size_t rows = 2 * (square_limbs(doublings_ - 1) + square_limbs(doublings_ - 2));
    const std::size_t room = square_limbs(doublings_ - 2) + 1;
    return work.subspan(rows + which * room, room);
}

std::span<Limb> FibonacciChain::scratch(std::size_t task, std::span<Limb> work) const noexcept {
    const std::size_t begin = 2 * (square_limbs(doublings_ - 1) + square_limbs(doublings_ - 2)) +
                              2 * (square_limbs(doublings_ - 2) + 1);
    const std::size_t each = gmp_scratch_limbs(value_limbs());
    return work.subspan(begin + (in_turn_ ? 0 : task * each), each);
}

std::size_t FibonacciChain::work_limbs() const noexcept {
    const std::size_t each = gmp_scratch_limbs(value_limbs());
    if (doublings_ == 0) {
        return each;
    }
    return 2 * square_limbs(doublings_ - 1) + 4 * square_limbs(doublings_ - 2) + 2 +
           (in_turn_ ? 1 : 2) * each;
}

void FibonacciChain::run(std::size_t step, std::size_t task, std::span<Limb> value,
                         std::span<Limb> work) const {
    if (doublings_ == 0) {
        const GmpScratch gmp(work);
        mpz_t f;
        mpz_init(f);
        mpz_fib_ui(f, n_);
        fill(value, f);
        mpz_clear(f);
    } else if (step == 0) {
        start(work);
    } else if (step + 1 == steps() && in_turn_) {
        multiply_last(value, work);
    } else if (step == doublings_) {
        combine(step, static_cast<int>(n_ % 2), value, work);
    } else {
        const int bit = static_cast<int>(index(step) % 2);
        const auto sum = operand(task, work);
        combine(step, bit - static_cast<int>(task), sum, work);
        const GmpScratch gmp(scratch(task, work));
        square_to(square(step, task, work), sum.first(limbs(index(step))));
    }
}

void FibonacciChain::start(std::span<Limb> work) const {
    const GmpScratch gmp(scratch(0, work));
    mpz_t f;
    mpz_t before;
    mpz_init(f);
    mpz_init(before);
    mpz_fib2_ui(f, before, index(0));
    const std::size_t size = limbs(index(0));
    const mpz_srcptr both[] = {f, before};
    for (std::size_t which = 0; which < 2; ++which) {
        const auto root = operand(which, work).first(size);
        fill(root, both[which]);
        square_to(square(0, which, work), root);
    }
    mpz_clear(f);
    mpz_clear(before);
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
void FibonacciChain::multiply_last(std::span<Limb> value, std::span<Limb> work) const {
    const std::size_t step = doublings_ - 1;
    const std::uint64_t k = index(step);
    const auto f = operand(0, work);
    const auto g = operand(1, work);
    combine(step, static_cast<int>(k % 2), f, work);
    combine(step, static_cast<int>(k % 2) - 1, g, work);
    const auto u = square(step, 0, work);
    const auto v = square(step, 1, work);
    const mp_size_t size = size_of(u);
    const auto twice_and = [size](std::span<Limb> out, Limb* x, auto add, const Limb* y) {
        mpn_lshift(out.data(), x, size, 1);
        add(out.data(), out.data(), y, size);
    };
    const auto plus = [](Limb* r, const Limb* x, const Limb* y, mp_size_t s) {
        mpn_add_n(r, x, y, s);
    };
    const auto minus = [](Limb* r, const Limb* x, const Limb* y, mp_size_t s) {
        mpn_sub_n(r, x, y, s);
    };
    if (n_ % 2 == 0) {
        std::copy_n(f.begin(), u.size(), u.begin());
        twice_and(v, g.data(), plus, f.data());
    } else {
        twice_and(u, f.data(), plus, g.data());
        twice_and(v, f.data(), minus, g.data());
    }
    const GmpScratch gmp(scratch(0, work));
    multiply(value.data(), u, v);
    if (n_ % 2 != 0) {
        add_sign(value, k);
    }
}

}  // namespace pinfold::kernels
