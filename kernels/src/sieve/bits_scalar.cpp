// Sums the numbers of a bitmap straight from its bits. Bit i of byte k stands for 30 k +
// residues[i], so the sum is 30 times the sum of k over the set bits, plus the sum of the residues.
//
// Words go in pairs, for which every compiler of ours has vectors wherever it runs. Their bits are
// counted within each byte by masks and shifts (Wilkes, Wheeler, Gill 1957). For the sum of k,
// eight pairs make a line: their counts are added up byte by byte, and so are the totals before
// each, which counts pair i of the line 7 - i times (Abel). With lines the same is done in 16 bits.
//
// The residues do not care which word a bit is in. So pairs are added up bit by bit, by
// carry-save adders (Harley; Seal 1961), until a bit stands for sixteen: one pair of sixteen is
// left to be looked at. All residues are odd, so their sum is the count plus twice the number of
// bits whose residue has bit 1 set, four times those with bit 2, and so on.
#include <algorithm>
#include <array>
#include <cstring>

#include "sieve/bits.hpp"
#include "wheel/wheel30.hpp"

namespace pinfold::kernels {
namespace {

constexpr std::uint64_t every_byte = 0x0101'0101'0101'0101;

/// The bits of a word whose residue has bit `power` set.
constexpr std::uint64_t residues_with(unsigned power) {
    std::uint64_t byte = 0;
    for (std::size_t i = 0; i < 8; ++i) {
        byte |= std::uint64_t{(residues[i] >> power) & 1U} << i;
    }
    return byte * every_byte;
}

using Pair [[gnu::vector_size(16)]] = std::uint64_t;

template <typename Word>
constexpr Word counts_in_bytes(Word word) {
    word -= (word >> 1) & (0x55 * every_byte);
    word = (word & (0x33 * every_byte)) + ((word >> 2) & (0x33 * every_byte));
    return (word + (word >> 4)) & (0x0F * every_byte);
}

constexpr std::uint64_t count(std::uint64_t word) {
    return (counts_in_bytes(word) * every_byte) >> 56;
}

/// The sum of the residues of each byte, at most 120.
Pair residues_in_bytes(Pair word) {
    return counts_in_bytes(word) + (counts_in_bytes(word & residues_with(1)) << 1) +
           (counts_in_bytes(word & residues_with(2)) << 2) +
           (counts_in_bytes(word & residues_with(3)) << 3) +
           (counts_in_bytes(word & residues_with(4)) << 4);
}

constexpr std::uint64_t every_other_byte = 0x00FF'00FF'00FF'00FF;

/// Adds each two bytes, to 16 bits.
Pair add_bytes(Pair bytes) {
    return (bytes & every_other_byte) + ((bytes >> 8) & every_other_byte);
}

/// The sum of all 16-bit numbers, which is below 2^32.
std::uint64_t sum_of_16_bits(Pair numbers) {
    constexpr std::uint64_t mask = 0x0000'FFFF'0000'FFFF;
    const Pair of_32_bits = (numbers & mask) + ((numbers >> 16) & mask);
    const std::uint64_t sum = of_32_bits[0] + of_32_bits[1];
    return (sum & 0xFFFF'FFFF) + (sum >> 32);
}

std::uint64_t word_at(std::span<const std::uint8_t> segment, std::size_t byte) noexcept {
    std::uint64_t word = 0;
    std::memcpy(&word, &segment[byte], sizeof word);
    return word;
}

/// Adds two words to `sum` bit by bit, and returns the carries.
Pair add_bits(Pair& sum, Pair a, Pair b) {
    const Pair half = sum ^ a;
    const Pair carries = (sum & a) | (half & b);
    sum = half ^ b;
    return carries;
}

constexpr std::size_t line_pairs = 8;
constexpr std::size_t line_bytes = line_pairs * sizeof(Pair);

/// Eight pairs of a bitmap, wherever they are.
class Line {
  public:
    explicit Line(const std::uint8_t* bytes) noexcept : bytes_(bytes) {}

    Pair operator[](std::size_t i) const noexcept {
        Pair pair;
        std::memcpy(&pair, bytes_ + i * sizeof pair, sizeof pair);
        return pair;
    }

  private:
    const std::uint8_t* bytes_;
};

/// Words whose bits stand for one, two, four and eight set bits, of which the residues are summed
/// at the end.
class Planes {
  public:
    /// Returns a word whose bits stand for sixteen.
    Pair add(Line first, Line second) noexcept {
        const Pair a = eights_of(first);
        const Pair b = eights_of(second);
        return add_bits(eights_, a, b);
    }

    [[nodiscard]] std::uint64_t residues() const noexcept {
        return sum(ones_) + 2 * sum(twos_) + 4 * sum(fours_) + 8 * sum(eights_);
    }

  private:
    Pair eights_of(Line line) noexcept {
        const Pair twos_a = add_bits(ones_, line[0], line[1]);
        const Pair twos_b = add_bits(ones_, line[2], line[3]);
        const Pair fours_a = add_bits(twos_, twos_a, twos_b);
        const Pair twos_c = add_bits(ones_, line[4], line[5]);
        const Pair twos_d = add_bits(ones_, line[6], line[7]);
        const Pair fours_b = add_bits(twos_, twos_c, twos_d);
        return add_bits(fours_, fours_a, fours_b);
    }

    static std::uint64_t sum(Pair plane) noexcept {
        return sum_of_16_bits(add_bytes(residues_in_bytes(plane)));
    }

    Pair ones_{};
    Pair twos_{};
    Pair fours_{};
    Pair eights_{};
};

/// How many lines are summed in 16 bits: `earlier_` gets at most 128 (1 + 2 + ... + 15), the others
/// less.
constexpr std::uint64_t stretch_lines = 16;

/// The numbers of some lines, at most stretch_lines, as counts of 16 bits.
class Stretch {
  public:
    void add(Line line) noexcept {
        Pair totals{};   // at most 8 * 8
        Pair running{};  // at most 8 (1 + 2 + ... + 7)
        for (std::size_t i = 0; i < line_pairs; ++i) {
            running += totals;
            totals += counts_in_bytes(line[i]);
        }
        earlier_ += even_ + odd_;
        even_ += totals & every_other_byte;
        odd_ += (totals >> 8) & every_other_byte;
        running_ += add_bytes(running);
        ++lines_;
    }

    void add_sixteens(Pair sixteens) noexcept {
        sixteenths_ += add_bytes(residues_in_bytes(sixteens));
    }

    /// The BitSum, counted from the number of the first line's first byte.
    [[nodiscard]] BitSum sum() const noexcept {
        const std::uint64_t counts = sum_of_16_bits(even_ + odd_);
        const std::uint64_t lines = (lines_ - 1) * counts - sum_of_16_bits(earlier_);
        const std::uint64_t pairs = (line_pairs - 1) * counts - sum_of_16_bits(running_);
        const std::uint64_t bytes = line_bytes * lines + sizeof(Pair) * pairs + bytes_in_pairs();
        return {counts, 30 * bytes + 16 * sum_of_16_bits(sixteenths_)};
    }

  private:
    [[nodiscard]] std::uint64_t bytes_in_pairs() const noexcept {
        const Pair second = {0, sizeof(std::uint64_t)};
        std::uint64_t sum = sum_of_16_bits((even_ + odd_) * second);
        for (const std::size_t word : {0U, 1U}) {
            sum += (even_[word] * 0x0000'0002'0004'0006) >> 48;
            sum += (odd_[word] * 0x0001'0003'0005'0007) >> 48;
        }
        return sum;
    }

    std::uint64_t lines_ = 0;
    Pair even_{};  ///< set bits by byte
    Pair odd_{};
    Pair earlier_{};     ///< by line, those of all lines before it
    Pair running_{};     ///< by pair, those of all pairs before it in its line
    Pair sixteenths_{};  ///< residues of bits that stand for sixteen
};

}  // namespace

BitSum sum_bits_scalar(std::span<const std::uint8_t> segment) noexcept {
    constexpr std::size_t stretch_bytes = stretch_lines * line_bytes;
    BitSum total;
    Planes planes;
    for (std::size_t first = 0; first < segment.size(); first += stretch_bytes) {
        const auto bytes = segment.subspan(first, std::min(stretch_bytes, segment.size() - first));
        Stretch stretch;
        for (std::size_t byte = 0; byte < bytes.size(); byte += 2 * line_bytes) {
            const std::size_t left = bytes.size() - byte;
            std::array<std::uint8_t, 2 * line_bytes> rest;
            const std::uint8_t* two_lines = &bytes[byte];
            if (left < rest.size()) {
                rest.fill(0);
                std::copy_n(two_lines, left, rest.begin());
                two_lines = rest.data();
            }
            const Line a(two_lines);
            const Line b(two_lines + line_bytes);
            stretch.add(a);
            stretch.add(b);
            stretch.add_sixteens(planes.add(a, b));
        }
        const BitSum sum = stretch.sum();
        total.count += sum.count;
        total.sum += sum.sum + 30 * first * sum.count;
    }
    total.sum += planes.residues();
    return total;
}

std::uint64_t count_bits_scalar(std::span<const std::uint8_t> segment) noexcept {
    std::uint64_t total = 0;
    for (std::size_t byte = 0; byte < segment.size(); byte += sizeof(std::uint64_t)) {
        total += count(word_at(segment, byte));
    }
    return total;
}

void and_patterns_scalar(const std::array<const std::uint8_t*, patterns_at_once>& patterns,
                         std::uint8_t* out, std::size_t size) noexcept {
    for (std::size_t byte = 0; byte < size; byte += sizeof(std::uint64_t)) {
        std::uint64_t word = ~std::uint64_t{0};
        for (const std::uint8_t* const pattern : patterns) {
            std::uint64_t part = 0;
            std::memcpy(&part, pattern + byte, sizeof part);
            word &= part;
        }
        std::uint64_t old = 0;
        std::memcpy(&old, out + byte, sizeof old);
        word &= old;
        std::memcpy(out + byte, &word, sizeof word);
    }
}

}  // namespace pinfold::kernels
