// The primes are kept in 64 lists, by their residue and that of their next cofactor, so that the
// code that crosses their multiples off (wheel_turn.hpp) is known before the prime is.
#include "sieve/cross_off.hpp"

#include <algorithm>
#include <utility>

#include "sieve/large/large_steps.hpp"
#include "wheel/wheel30.hpp"

namespace pinfold::kernels {
namespace {

/// The list of each state of large_steps.
constexpr std::array<std::uint8_t, large_step_states> list_of_state = [] {
    std::array<std::uint8_t, large_step_states> lists{};
    for (std::size_t state = 0; state < large_step_states; ++state) {
        const std::uint32_t cofactor = coprime_to_210[state % large_step_cofactors];
        lists[state] = static_cast<std::uint8_t>(8 * (state / large_step_cofactors) +
                                                 residue_bit[cofactor % 30]);
    }
    return lists;
}();

}  // namespace

[[gnu::noinline]] void PlaceList::grow() {
    const auto size = static_cast<std::size_t>(end_ - begin());
    const std::size_t capacity = std::max<std::size_t>(1, 2 * size);
    auto memory = std::make_unique_for_overwrite<Place[]>(capacity);
    std::copy_n(memory_.get(), size, memory.get());
    memory_ = std::move(memory);
    end_ = memory_.get() + size;
    limit_ = memory_.get() + capacity;
}

template <std::size_t Most>
void CrossOff<Most>::add(std::uint64_t prime, std::uint64_t cofactor, std::uint32_t next) {
    const std::size_t list = 8U * residue_bit[prime % 30] + residue_bit[cofactor % 30];
    now_[list].push_back({next, static_cast<std::uint32_t>(prime / 30)});
}

template <std::size_t Most>
void CrossOff<Most>::add(const LargeBatch& batch) {
    for (std::size_t i = 0; i < batch.size; ++i) {
        now_[list_of_state[batch.states[i]]].push_back({batch.bytes[i], batch.prime_bits[i] / 8});
    }
}

template <std::size_t Most>
template <std::size_t Prime, std::size_t Cofactor>
void CrossOff<Most>::sieve_list(std::span<std::uint8_t> block) {
    PlaceList& list = now_[8 * Prime + Cofactor];
    for (const Place place : list) {
        const WalkEnd end = cross_off_multiples<Prime, Cofactor, Most>(block, place);
        later_[8 * Prime + end.cofactor].push_back(
            {static_cast<std::uint32_t>(end.next - block.size()), place.quotient});
    }
    list.clear();
}

template <std::size_t Most>
void CrossOff<Most>::sieve(std::span<std::uint8_t> block) {
    [&]<std::size_t... L>(std::index_sequence<L...>) {
        (sieve_list<L / 8, L % 8>(block), ...);
    }
    (std::make_index_sequence<lists>{});
    now_.swap(later_);
}

template class CrossOff<any_number>;
template class CrossOff<6>;
template class CrossOff<5>;
template class CrossOff<4>;

}  // namespace pinfold::kernels
