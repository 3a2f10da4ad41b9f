#include "combinatorial/leaves/hard_sieve.hpp"

#include "combinatorial/tables/small_phi.hpp"

namespace pinfold::kernels {
namespace {

using CrossOffFunction = WalkEnd (*)(std::span<std::uint8_t> block, Place place) noexcept;

template <std::size_t Prime, std::size_t Cofactor>
WalkEnd cross_off_turns(std::span<std::uint8_t> block, Place place) noexcept {
    return cross_off_multiples<Prime, Cofactor>(block, place);
}

/// What was crossed off for the first time: how many, and their cofactors.
struct Removed {
    std::uint64_t count = 0;
    std::uint64_t cofactors = 0;
};

/// Crosses one multiple off, `step` of the turn whose first cofactor is `base`.
template <typename Walk, std::size_t Step>
[[gnu::always_inline]] inline void remove(std::uint8_t& byte, std::uint64_t base,
                                          Removed& removed) noexcept {
    constexpr auto bit = static_cast<std::uint8_t>(0xFFU - Walk::keep(Step));
    const std::uint64_t was_set = (byte & bit) != 0 ? 1 : 0;
    byte &= Walk::keep(Step);
    removed.count += was_set;
    removed.cofactors += was_set * (base + Walk::cofactor(Step) - Walk::cofactor(0));
}

struct CountedEnd {
    WalkEnd end;
    Removed removed;
};
using CountingFunction = CountedEnd (*)(std::span<std::uint8_t> block, Place place,
                                        std::uint64_t cofactor) noexcept;

/// As cross_off_multiples; `cofactor` is that of the first multiple.
template <std::size_t Prime, std::size_t Cofactor>
CountedEnd cross_off_and_count(std::span<std::uint8_t> block, Place place,
                               std::uint64_t cofactor) noexcept {
    using Walk = Turn<Prime, Cofactor>;
    std::uint8_t* const bytes = block.data();
    const std::size_t size = block.size();
    const std::size_t quotient = place.quotient;
    const std::size_t last = Walk::distance(7, quotient);
    std::size_t at = place.next;
    Removed removed;
    for (; at + last < size; at += Walk::distance(8, quotient), cofactor += 30) {
        [&]<std::size_t... K>(std::index_sequence<K...>) {
            (remove<Walk, K>(bytes[at + Walk::distance(K, quotient)], cofactor, removed), ...);
        }
        (std::make_index_sequence<8>{});
    }
    // Fewer than eight are left: up to the first that lies outside.
    std::size_t inside = 0;
    std::size_t next = at;
    const auto step = [&]<std::size_t K>(std::integral_constant<std::size_t, K>) {
        next = at + Walk::distance(K, quotient);
        if (next >= size) {
            return false;
        }
        remove<Walk, K>(bytes[next], cofactor, removed);
        ++inside;
        return true;
    };
    const bool seven = [&]<std::size_t... K>(std::index_sequence<K...>) {
        return (step(std::integral_constant<std::size_t, K>{}) && ...);
    }
    (std::make_index_sequence<7>{});
    next = seven ? at + last : next;
    return {{next, (Cofactor + inside) % 8}, removed};
}

constexpr auto functions = []<std::size_t... L>(std::index_sequence<L...>) {
    return std::array<CrossOffFunction, 64>{cross_off_turns<L / 8, L % 8>...};
}
(std::make_index_sequence<64>{});

constexpr auto counting_functions = []<std::size_t... L>(std::index_sequence<L...>) {
    return std::array<CountingFunction, 64>{cross_off_and_count<L / 8, L % 8>...};
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
    const WalkEnd end = functions[wheels_[index]](
        {reinterpret_cast<std::uint8_t*>(words_.data()), bytes_}, places_[index]);
    move_on(index, end);
}

void HardSieve::move_on(std::size_t index, WalkEnd end) noexcept {
    places_[index].next = static_cast<std::uint32_t>(end.next - bytes_);
    wheels_[index] = static_cast<std::uint8_t>((wheels_[index] & 0x38U) | end.cofactor);
}

template <PrimeTerm T>
std::uint64_t HardSieve::cross_off_and_sum(std::size_t index, std::uint64_t prime) noexcept {
    const std::uint8_t wheel = wheels_[index];
    const Place place = places_[index];
    const std::uint64_t multiple =
        first_ + 30 * std::uint64_t{place.next} + residues[wheel / 8] * residues[wheel % 8] % 30;
    const CountedEnd counted = counting_functions[wheel](
        {reinterpret_cast<std::uint8_t*>(words_.data()), bytes_}, place, multiple / prime);
    move_on(index, counted.end);
    return T == PrimeTerm::one ? counted.removed.count : prime * counted.removed.cofactors;
}

template std::uint64_t HardSieve::cross_off_and_sum<PrimeTerm::one>(std::size_t,
                                                                    std::uint64_t) noexcept;
template std::uint64_t HardSieve::cross_off_and_sum<PrimeTerm::prime>(std::size_t,
                                                                      std::uint64_t) noexcept;

}  // namespace pinfold::kernels
