// The idea: a prime p = 30 q + r and a cofactor m = 30 t + s have their product in byte
// p t + q s + floor(r s / 30). Over the eight residues s of a turn of the wheel the steps between
// these bytes are q times a constant plus a constant, and the bits are constants, all known from r
// and the residue that the turn starts with. So the primes are kept in 64 lists, by r and by the
// residue of their next cofactor, and each list has code of its own, unrolled over a turn: no table
// look-up and no branch for a multiple. Singleton, R. C. (1969), Algorithm 357, sieves by such a
// wheel; the lists are so that the code that follows is known before the prime is.
#include "cross_off.hpp"

#include <utility>

#include "large_steps.hpp"
#include "wheel30.hpp"

namespace pinfold::kernels {
namespace {

/// One turn of the wheel for primes of residue `Prime`, from a cofactor of residue `Cofactor`.
template <std::size_t Prime, std::size_t Cofactor>
struct Turn {
    /// The cofactor of step k, counted from the begin of the turn of 30 in which the walk starts.
    static constexpr std::uint32_t cofactor(std::size_t k) {
        return residues[(Cofactor + k) % 8] + 30 * static_cast<std::uint32_t>((Cofactor + k) / 8);
    }
    static constexpr std::uint32_t product(std::size_t k) { return residues[Prime] * cofactor(k); }

    /// How many bytes step k lies behind step 0.
    static constexpr std::size_t distance(std::size_t k, std::size_t quotient) {
        return quotient * (cofactor(k) - cofactor(0)) + (product(k) / 30 - product(0) / 30);
    }
    /// All bits but the one that step k crosses off.
    static constexpr std::uint8_t keep(std::size_t k) {
        return static_cast<std::uint8_t>(~(1U << residue_bit[product(k) % 30]));
    }
};

}  // namespace

void CrossOff::add(std::uint64_t prime, std::uint64_t cofactor, std::uint32_t next) {
    const std::size_t list = 8U * residue_bit[prime % 30] + residue_bit[cofactor % 30];
    now_[list].push_back({next, static_cast<std::uint32_t>(prime / 30)});
}

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

void CrossOff::add(const LargeBatch& batch) {
    for (std::size_t i = 0; i < batch.size; ++i) {
        now_[list_of_state[batch.states[i]]].push_back({batch.bytes[i], batch.prime_bits[i] / 8});
    }
}

template <std::size_t Prime, std::size_t Cofactor>
void CrossOff::sieve_list(std::span<std::uint8_t> block) {
    using Walk = Turn<Prime, Cofactor>;
    std::uint8_t* const bytes = block.data();
    const std::size_t size = block.size();
    List& list = now_[8 * Prime + Cofactor];
    for (const Place place : list) {
        const std::size_t quotient = place.quotient;
        const std::size_t turn = Walk::distance(8, quotient);
        const std::size_t last = Walk::distance(7, quotient);
        std::size_t at = place.next;
        for (; at + last < size; at += turn) {
            [&]<std::size_t... K>(std::index_sequence<K...>) {
                ((bytes[at + Walk::distance(K, quotient)] &= Walk::keep(K)), ...);
            }
            (std::make_index_sequence<8>{});
        }
        // Fewer than eight are left. How many is hard to predict, so all seven steps are taken
        // without a branch: those outside go to bytes of their own behind the block.
        std::size_t inside = 0;
        std::size_t next = at + last;
        const auto step = [&]<std::size_t K>(std::integral_constant<std::size_t, K>) {
            const std::size_t byte = at + Walk::distance(K, quotient);
            const bool is_inside = byte < size;
            bytes[is_inside ? byte : size + K] &= Walk::keep(K);
            next = is_inside ? next : byte;
            inside += is_inside ? 1 : 0;
        };
        [&]<std::size_t... K>(std::index_sequence<K...>) {
            (step(std::integral_constant<std::size_t, 6 - K>{}), ...);
        }
        (std::make_index_sequence<7>{});
        later_[8 * Prime + (Cofactor + inside) % 8].push_back(
            {static_cast<std::uint32_t>(next - size), place.quotient});
    }
    list.clear();
}

void CrossOff::sieve(std::span<std::uint8_t> block) {
    [&]<std::size_t... L>(std::index_sequence<L...>) {
        (sieve_list<L / 8, L % 8>(block), ...);
    }
    (std::make_index_sequence<lists>{});
    now_.swap(later_);
}

}  // namespace pinfold::kernels
