#include "combinatorial/tables/small_phi.hpp"

#include <algorithm>
#include <cstring>
#include <memory>

#include "made_once.hpp"

namespace pinfold::kernels {

SmallPhi::SmallPhi() : bits_(period_bytes + 8, 0xFF), before_(period_bytes / 8 + 1) {
    for (const std::size_t prime : {7U, 11U, 13U, 17U}) {
        for (std::size_t multiple = prime; multiple < 30 * bits_.size(); multiple += 2 * prime) {
            const std::uint8_t bit = residue_bit[multiple % 30];
            bits_[multiple / 30] &= static_cast<std::uint8_t>(bit < 8 ? ~(1U << bit) : 0xFFU);
        }
    }
    Before total;
    for (std::size_t word = 0; word < before_.size(); ++word) {
        std::uint64_t bits = 0;
        std::memcpy(&bits, &bits_[8 * word], sizeof bits);
        before_[word] = total;
        total.count += bits_of(bits);
        total.sum += sum_of_word<PrimeTerm::prime>(bits, numbers_per_word * word);
    }
}

const SmallPhi& SmallPhi::instance() {
    static constinit MadeOnce<SmallPhi> phi;
    return phi.get([] { return std::unique_ptr<const SmallPhi>(new SmallPhi()); });
}

template <PrimeTerm T>
uint128 SmallPhi::sum(std::uint64_t u) const noexcept {
    const uint128 periods = u / period;
    const std::uint64_t rest = u % period;
    const std::uint64_t word = rest / numbers_per_word;
    const std::uint64_t first = word * numbers_per_word;
    std::uint64_t bits = 0;
    std::memcpy(&bits, &bits_[8 * word], sizeof bits);
    bits &= bits_up_to[rest - first];
    const uint128 count = before_[word].count + bits_of(bits);
    if constexpr (T == PrimeTerm::one) {
        return periods * in_period + count;
    } else {
        // The numbers of a period lie evenly about its middle, so those of the first `periods` are
        // periods * period / 2 each on the average; the period is even.
        return periods * periods * (period / 2 * in_period) + periods * period * count +
               before_[word].sum + sum_of_word<T>(bits, first);
    }
}

template uint128 SmallPhi::sum<PrimeTerm::one>(std::uint64_t u) const noexcept;
template uint128 SmallPhi::sum<PrimeTerm::prime>(std::uint64_t u) const noexcept;

void SmallPhi::fill(std::uint64_t first_byte, std::span<std::uint8_t> bytes) const noexcept {
    std::size_t at = first_byte % period_bytes;
    for (std::size_t done = 0; done < bytes.size();) {
        const std::size_t run = std::min(bytes.size() - done, period_bytes - at);
        std::memcpy(bytes.data() + done, bits_.data() + at, run);
        done += run;
        at = 0;
    }
}

}  // namespace pinfold::kernels
