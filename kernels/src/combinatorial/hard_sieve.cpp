#include "hard_sieve.hpp"

#include "small_phi.hpp"

namespace pinfold::kernels {
namespace {

using CrossOffFunction = WalkEnd (*)(std::span<std::uint8_t> block, Place place) noexcept;

template <std::size_t Prime, std::size_t Cofactor>
WalkEnd cross_off_turns(std::span<std::uint8_t> block, Place place) noexcept {
    return cross_off_multiples<Prime, Cofactor>(block, place);
}

constexpr auto functions = []<std::size_t... L>(std::index_sequence<L...>) {
    return std::array<CrossOffFunction, 64>{cross_off_turns<L / 8, L % 8>...};
}
(std::make_index_sequence<64>{});

}  // namespace

HardSieve::HardSieve(std::size_t bytes) : bytes_(bytes), words_(bytes / 8 + 1) {}

void HardSieve::start(std::uint64_t segment) noexcept {
    first_ = 30 * bytes_ * segment;
    SmallPhi::instance().fill(bytes_ * segment,
                              {reinterpret_cast<std::uint8_t*>(words_.data()), bytes_});
}

void HardSieve::join(std::uint64_t prime) {
    std::uint64_t cofactor = (first_ + prime - 1) / prime;
    cofactor += to_next_coprime_to_30[cofactor % 30];
    places_.push_back({static_cast<std::uint32_t>((cofactor * prime - first_) / 30),
                       static_cast<std::uint32_t>(prime / 30)});
    wheels_.push_back(
        static_cast<std::uint8_t>(8U * residue_bit[prime % 30] + residue_bit[cofactor % 30]));
}

void HardSieve::cross_off(std::size_t index) noexcept {
    const std::uint8_t wheel = wheels_[index];
    const WalkEnd end =
        functions[wheel]({reinterpret_cast<std::uint8_t*>(words_.data()), bytes_}, places_[index]);
    places_[index].next = static_cast<std::uint32_t>(end.next - bytes_);
    wheels_[index] = static_cast<std::uint8_t>((wheel & 0x38U) | end.cofactor);
}

}  // namespace pinfold::kernels
