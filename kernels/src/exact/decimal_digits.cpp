// A fraction f = (v + t) / 10^m with 0 <= t < 1 holds the m digits of v. Its first half of limbs is
// the fraction of the first m/2 digits; the part of 10^(m/2) f behind the point is the fraction of
// the last m/2 digits. So a level of the tree costs one product a node and no division (Bernstein,
// Scaled remainder trees, 2004, has the idea for remainders). Only the first fractions need one:
// the number x is cut into the quotient and remainder of 10^h, h being half the digits, by
// a reciprocal that also makes a fraction of each. Powers of ten are powers of five and a shift,
// which makes products a fifth shorter: 10^m f behind the point is 5^m times (2^m f behind the
// point).
//
// Errors. All fractions are rounded down. A fraction of m digits has m digits and at least a limb
// of guard, so rounding it costs less than 2^-64 in units of 10^-m, and a product by 10^(m/2)
// leaves an error as many of the new units as it was of the old. There are fewer than 300 roundings
// on the way to a digit, so v + t at a leaf is less than 2^-50 too small. That gives a wrong v only
// if t is that small itself, that is when the digits after the leaf are fifteen zeros: then what
// was found is v - 1, and fifteen nines seem to follow. A leaf followed by so many nines is marked,
// and finish() adds one to it if the next leaf begins with 0. The halves begin with t = 1/2, so
// their last leaves are safe.

#include <algorithm>
#include <bit>
#include <pinfold/kernels/decimal_digits.hpp>
#include <stdexcept>

#include "exact/decimal_layout.hpp"
#include "exact/decimal_leaf.hpp"
#include "exact/gmp_scratch.hpp"
#include "exact/limb_memory.hpp"
#include "exact/reciprocal.hpp"

namespace pinfold::kernels {
namespace {

mp_size_t size_of(std::span<const Limb> limbs) {
    return static_cast<mp_size_t>(limbs.size());
}

std::span<const Limb> without_zeros(std::span<const Limb> limbs) {
    while (!limbs.empty() && limbs.back() == 0) {
        limbs = limbs.first(limbs.size() - 1);
    }
    return limbs;
}

/// to = from / B^dropped, cut or filled up with zeros to its size.
void copy(std::span<const Limb> from, std::size_t dropped, std::span<Limb> to) {
    const auto kept = from.subspan(std::min(dropped, from.size()));
    const auto copied = kept.first(std::min(kept.size(), to.size()));
    std::ranges::fill(std::ranges::copy(copied, to.begin()).out, to.end(), 0);
}

/// to = from * 2^bits for bits < 64, without what exceeds its size.
void shift_left(std::span<const Limb> from, unsigned bits, std::span<Limb> to) {
    if (from.data() != to.data()) {
        copy(from, 0, to);
    }
    if (bits != 0) {
        mpn_lshift(to.data(), to.data(), size_of(to), bits);
    }
}

/// One number's conversion; a method a step.
class Conversion {
  public:
    Conversion(const DecimalLayout& layout, std::span<const Limb> number, std::span<char> text,
               std::span<Limb> work)
        : layout_(layout), number_(without_zeros(number)), text_(text), work_(work) {}

    void by_gmp(LimbStack scratch);
    void run(std::size_t step, std::size_t task);

  private:
    /// The larger power of ten, 10^h, by its parts.
    struct Half {
        std::span<const Limb> five;  // 5^h, without zeros in front
        std::size_t shift_limbs;     // h / 64
        unsigned shift_bits;         // h mod 64
    };
    [[nodiscard]] Half half() const;
    [[nodiscard]] std::size_t reciprocal_point() const;

    void find_powers(std::span<Limb> scratch);
    void find_reciprocal(LimbStack scratch);
    void divide_by_gmp(LimbStack scratch);
    void divide_by_reciprocal(LimbStack scratch);
    void find_quotient(LimbStack scratch);
    void find_remainder(LimbStack scratch);
    void find_fraction(std::span<const Limb> value, std::size_t node, LimbStack scratch);
    void find_last_half(std::span<const Limb> fraction, int level, std::span<Limb> last,
                        LimbStack scratch);
    void split(int level, std::size_t index, LimbStack scratch);
    void write(std::span<const Limb> fraction, int level, std::size_t leaf, LimbStack scratch);
    [[nodiscard]] std::uint8_t* marks() const {
        return reinterpret_cast<std::uint8_t*>(layout_.marks(work_).data());
    }

    const DecimalLayout& layout_;
    std::span<const Limb> number_;
    std::span<char> text_;
    std::span<Limb> work_;
};

void Conversion::by_gmp(LimbStack stack) {
    const auto copied = stack.take(number_.size());
    std::ranges::copy(number_, copied.begin());  // mpn_get_str destroys what it reads
    auto* const digits =
        reinterpret_cast<unsigned char*>(stack.take((text_.size() + 64) / sizeof(Limb)).data());
    const GmpScratch gmp(stack.rest());
    std::size_t count = 0;
    if (!number_.empty()) {
        count = mpn_get_str(digits, 10, copied.data(), size_of(copied));
    }
    const auto surplus = count - std::min(count, text_.size());  // zeros in front
    const auto begin = std::fill_n(text_.begin(), text_.size() - (count - surplus), '0');
    std::transform(digits + surplus, digits + count, begin,
                   [](unsigned char digit) { return static_cast<char>('0' + digit); });
}

void Conversion::run(std::size_t step, std::size_t task) {
    const LimbMemory memory(layout_.scratch_limbs(step));
    const LimbStack stack(memory.span());
    if (layout_.is_short()) {
        by_gmp(stack);
        return;
    }
    switch (step) {
        case DecimalLayout::prepare:
            find_powers(memory.span());
            return;
        case DecimalLayout::divide:
            if (layout_.tasks(step) == 1) {
                find_reciprocal(stack);
                divide_by_reciprocal(stack);
            } else if (task == 0) {
                divide_by_gmp(stack);
            } else {
                find_reciprocal(stack);
            }
            return;
        case DecimalLayout::halve:
            find_fraction(task == 0 ? layout_.quotient(work_) : layout_.remainder(work_), task,
                          stack);
            return;
        default:
            break;
    }
    const int level = layout_.level(step);
    if (level > layout_.lowest()) {
        split(level, task, stack);
    } else {
        write(layout_.node(work_, level, task), level, task << level, stack);
    }
}

Conversion::Half Conversion::half() const {
    const int level = layout_.levels() - 1;
    const std::uint64_t h = layout_.digits(level);
    return {without_zeros(layout_.power(work_, level)), static_cast<std::size_t>(h / 64),
            static_cast<unsigned>(h % 64)};
}

void Conversion::find_powers(std::span<Limb> scratch) {
    const GmpScratch gmp(scratch);
    mpz_t first;
    mpz_init(first);
    mpz_ui_pow_ui(first, 5, layout_.digits(0));
    copy({mpz_limbs_read(first), mpz_size(first)}, 0, layout_.power(work_, 0));
    mpz_clear(first);
    for (int level = 1; level < layout_.levels(); ++level) {
        const auto root = layout_.power(work_, level - 1);
        const auto power = layout_.power(work_, level);
        power.back() = 0;
        mpn_sqr(power.data(), root.data(), size_of(root) - 1);
    }
}

// With 5^h = d B^size 2^-zeros, d being a fraction from 1/2 on, and x = 1 / d in `precision` limbs
// behind the point: 1 / (2 10^h) = x 2^(zeros - h - 1) B^-(size + precision). The bits of the shift
// that are no whole limbs go into the reciprocal here, the others into reciprocal_point().
void Conversion::find_reciprocal(LimbStack scratch) {
    const Half h = half();
    const auto zeros = static_cast<unsigned>(std::countl_zero(h.five.back()));
    const auto d = scratch.take(h.five.size());
    shift_left(h.five, zeros, d);
    const auto result = layout_.reciprocal(work_);
    const auto x = result.first(result.size() - 1);
    const auto for_newton = scratch.take(reciprocal_scratch_limbs(x.size()));
    const GmpScratch gmp(scratch.rest());
    reciprocal(x, d, for_newton);
    result.back() = 0;
    shift_left(result, (63 + zeros - h.shift_bits) % 64, result);
}

// How many limbs of a product with the reciprocal are behind the point.
std::size_t Conversion::reciprocal_point() const {
    const Half h = half();
    const auto zeros = static_cast<std::size_t>(std::countl_zero(h.five.back()));
    const std::size_t shift = h.shift_limbs * 64 + h.shift_bits + 1 - zeros;
    const std::size_t precision = layout_.reciprocal(work_).size() - 2;
    return h.five.size() + precision + (shift + 63) / 64;
}

// x / 2^h by 5^h; the bits that the shift drops belong to the remainder.
void Conversion::divide_by_gmp(LimbStack scratch) {
    const Half h = half();
    const auto quotient = layout_.quotient(work_);
    const auto remainder = layout_.remainder(work_);
    std::ranges::fill(quotient, 0);
    copy(number_, 0, remainder);
    if (number_.size() < h.shift_limbs + h.five.size()) {
        return;
    }
    const auto dividend = scratch.take(number_.size() - h.shift_limbs);
    copy(number_, h.shift_limbs, dividend);
    if (h.shift_bits != 0) {
        mpn_rshift(dividend.data(), dividend.data(), size_of(dividend), h.shift_bits);
    }
    const auto rest = scratch.take(h.five.size());
    const auto result = scratch.take(dividend.size() - rest.size() + 1);
    const GmpScratch gmp(scratch.rest());
    mpn_tdiv_qr(result.data(), rest.data(), 0, dividend.data(), size_of(dividend), h.five.data(),
                size_of(h.five));
    copy(result, 0, quotient);
    const auto high = remainder.subspan(h.shift_limbs);
    const Limb dropped = high[0] & ((Limb{1} << h.shift_bits) - 1);
    shift_left(rest, h.shift_bits, high);
    high[0] |= dropped;
}

void Conversion::divide_by_reciprocal(LimbStack scratch) {
    find_quotient(scratch);
    find_remainder(scratch);
}

// Rounded down, the quotient of x and 10^h or one less.
void Conversion::find_quotient(LimbStack scratch) {
    const auto quotient = layout_.quotient(work_);
    const std::size_t dropped = std::min(quotient.size() - 3, number_.size());  // below 10^h / B
    const auto kept = number_.subspan(dropped);
    const auto twice = scratch.take(kept.size() + 1);
    shift_left(kept, 1, twice);
    const auto reciprocal = layout_.reciprocal(work_);
    const auto product = scratch.take(twice.size() + reciprocal.size());
    const GmpScratch gmp(scratch.rest());
    multiply(product.data(), reciprocal, twice);
    copy(product, reciprocal_point() - dropped, quotient);
}

// x - q 10^h in no more limbs than it has; that also tells whether q is one too small.
void Conversion::find_remainder(LimbStack scratch) {
    const Half h = half();
    const auto quotient = layout_.quotient(work_);
    const auto remainder = layout_.remainder(work_);
    copy(number_, 0, remainder);
    const auto high = remainder.subspan(h.shift_limbs);  // where 10^h has more than zeros
    const auto low_quotient = quotient.first(high.size());
    const auto product = scratch.take(low_quotient.size() + h.five.size());
    {
        const GmpScratch gmp(scratch.rest());
        multiply(product.data(), low_quotient, h.five);
    }
    const auto shifted = product.first(high.size());
    shift_left(shifted, h.shift_bits, shifted);
    mpn_sub_n(high.data(), high.data(), shifted.data(), size_of(high));

    shift_left(h.five, h.shift_bits, shifted);
    if (mpn_cmp(high.data(), shifted.data(), size_of(high)) >= 0) {
        mpn_sub_n(high.data(), high.data(), shifted.data(), size_of(high));
        mpn_add_1(quotient.data(), quotient.data(), size_of(quotient), 1);
    }
}

// (v + 1/2) / 10^h
void Conversion::find_fraction(std::span<const Limb> value, std::size_t node, LimbStack scratch) {
    const auto twice = scratch.take(value.size());
    shift_left(value, 1, twice);
    twice[0] |= 1;
    const auto reciprocal = layout_.reciprocal(work_);
    const auto product = scratch.take(twice.size() + reciprocal.size());
    const GmpScratch gmp(scratch.rest());
    multiply(product.data(), reciprocal, twice);
    const auto fraction = layout_.node(work_, layout_.levels() - 1, node);
    copy(product, reciprocal_point() - fraction.size(), fraction);
}

// 10^m times the fraction, behind the point, m being the digits of the level below.
void Conversion::find_last_half(std::span<const Limb> fraction, int level, std::span<Limb> last,
                                LimbStack scratch) {
    const std::uint64_t m = layout_.digits(level - 1);
    const auto power = layout_.power(work_, level - 1);
    const auto kept = fraction.first(fraction.size() - m / 64);
    const auto product = scratch.take(kept.size() + power.size() - 1);
    const GmpScratch gmp(scratch.rest());
    multiply(product.data(), kept, power.first(power.size() - 1));
    const std::size_t from = kept.size() - last.size();
    copy(std::span(product), from, last);
    if (const auto bits = static_cast<unsigned>(m % 64); bits != 0) {
        mpn_lshift(last.data(), last.data(), size_of(last), bits);
        last[0] |= product[from - 1] >> (64 - bits);
    }
}

void Conversion::split(int level, std::size_t index, LimbStack scratch) {
    const auto fraction = layout_.node(work_, level, index);
    const std::size_t width = layout_.width(level - 1);
    std::ranges::copy(fraction.last(width), layout_.node(work_, level - 1, 2 * index).begin());
    find_last_half(fraction, level, layout_.node(work_, level - 1, 2 * index + 1), scratch);
}

void Conversion::write(std::span<const Limb> fraction, int level, std::size_t leaf,
                       LimbStack scratch) {
    const std::size_t width = layout_.width(std::max(0, level - 1));
    const auto part = scratch.take(width);
    if (level <= 0) {
        std::ranges::copy(fraction, part.begin());
        const std::uint64_t digits = layout_.digits(0);
        marks()[leaf] = write_leaf(part, text_.subspan(leaf * digits, digits)) ? 1 : 0;
        return;
    }
    write(fraction.last(width), level - 1, leaf, scratch);
    find_last_half(fraction, level, part, scratch);
    write(part, level - 1, leaf + (std::size_t{1} << (level - 1)), scratch);
}

void add_one(std::span<char> text) {
    for (auto digit = text.rbegin(); digit != text.rend(); ++digit) {
        if (*digit != '9') {
            ++*digit;
            return;
        }
        *digit = '0';
    }
}

}  // namespace

std::size_t DecimalDigits::steps() const noexcept {
    return DecimalLayout(bits_, in_turn_).steps();
}

std::size_t DecimalDigits::tasks(std::size_t step) const noexcept {
    return DecimalLayout(bits_, in_turn_).tasks(step);
}

std::size_t DecimalDigits::digits() const noexcept {
    const DecimalLayout layout(bits_, in_turn_);
    return layout.digits(layout.levels());
}

std::size_t DecimalDigits::work_limbs() const noexcept {
    return DecimalLayout(bits_, in_turn_).work_limbs();
}

std::size_t DecimalDigits::scratch_bytes(unsigned at_once) const noexcept {
    const DecimalLayout layout(bits_, in_turn_);
    std::size_t most = 0;
    for (std::size_t step = 0; step < layout.steps(); ++step) {
        const std::size_t tasks = std::min<std::size_t>(at_once, layout.tasks(step));
        most = std::max(most, tasks * layout.scratch_limbs(step) * sizeof(Limb));
    }
    return most;
}

void DecimalDigits::run(std::size_t step, std::size_t task, std::span<const Limb> number,
                        std::span<char> text, std::span<Limb> work) const {
    const DecimalLayout layout(bits_, in_turn_);
    number = without_zeros(number);
    if (!number.empty() && mpn_sizeinbase(number.data(), size_of(number), 2) > bits_) {
        throw std::invalid_argument("the number is longer than was said");
    }
    Conversion conversion(layout, number, text, work);
    conversion.run(step, task);
}

std::string_view DecimalDigits::finish(std::span<char> text,
                                       std::span<const Limb> work) const noexcept {
    const DecimalLayout layout(bits_, in_turn_);
    if (!layout.is_short()) {
        const auto* const marks = reinterpret_cast<const std::uint8_t*>(layout.marks(work).data());
        const std::size_t digits = layout.digits(0);
        for (std::size_t leaf = layout.leaves() - 1; leaf-- > 0;) {
            if (marks[leaf] != 0 && text[(leaf + 1) * digits] == '0') {
                add_one(text.subspan(leaf * digits, digits));
            }
        }
    }
    const std::string_view all(text.data(), text.size());
    return all.substr(std::min(all.find_first_not_of('0'), all.size() - 1));
}

}  // namespace pinfold::kernels
