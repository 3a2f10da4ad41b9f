#include "sieve/large/large_primes.hpp"
#include "sieve/large/large_steps.hpp"
#include "wheel/wheel210.hpp"
#include "wheel/wheel30.hpp"

namespace pinfold::kernels {

void set_up_large_primes_scalar(std::span<const std::byte> bitmap, std::size_t first_byte,
                                const LargeRange& range, LargeBatch& batch) noexcept {
    batch.size = 0;
    for_each_prime(bitmap, 0, 30 * bitmap.size(), [&](std::uint64_t number) {
        const std::uint64_t prime = 30 * first_byte + number;
        std::uint64_t cofactor = range.first_number / prime + 1;
        std::uint64_t distance = prime - range.first_number % prime;
        if (cofactor < prime) {
            cofactor = prime;
            distance = prime * prime - range.first_number;
        }
        const NextCofactor next = next_cofactor[cofactor % 210];
        const std::uint64_t byte = (distance + next.step * prime) / 30;
        if (distance / 30 < range.bytes && byte < range.bytes) {
            const auto prime_bit =
                static_cast<std::uint32_t>(prime / 30 * 8 + residue_bit[prime % 30]);
            batch.prime_bits[batch.size] = prime_bit;
            batch.bytes[batch.size] = static_cast<std::uint32_t>(byte);
            batch.states[batch.size] = large_step_state(prime_bit, next.number);
            ++batch.size;
        }
    });
}

// Whether a prime stays cannot be predicted, so nothing branches on it.
std::size_t take_large_multiples_scalar(LargeBatch& batch, std::uint32_t range_bytes,
                                        std::uint32_t* bits) noexcept {
    const std::size_t size = batch.size;
    std::size_t stay = 0;
    for (std::size_t i = 0; i < size; ++i) {
        const std::uint32_t prime_bit = batch.prime_bits[i];
        const LargeStep& step = large_steps[batch.states[i]];
        const std::uint32_t byte = batch.bytes[i];
        bits[i] = 8 * byte + step.bit;
        const std::uint32_t next = byte + step.gap * (prime_bit / 8) + step.carry;
        batch.prime_bits[stay] = prime_bit;
        batch.states[stay] = step.next_state;
        batch.bytes[stay] = next;
        stay += next < range_bytes ? 1U : 0U;
    }
    batch.size = stay;
    return size;
}

}  // namespace pinfold::kernels
