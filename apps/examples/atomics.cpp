// Chunks that write to the same words: each strikes out the multiples of some numbers. A chunk that
// starts twice does no harm, since to set a bit twice is to set it once.
#include <atomic>
#include <cstdint>
#include <iostream>
#include <pinfold/pinfold.hpp>

int main() {
    constexpr std::uint64_t root = 1000;
    constexpr std::uint64_t end = root * root;
    pinfold::Pool pool;
    const auto composite = pool.array<std::uint64_t>((end + 63) / 64);
    pinfold::for_each(pool, pinfold::Range{2, root}, [composite](auto divisor) {
        for (std::uint64_t n = divisor * divisor; n < end; n += divisor) {
            const std::atomic_ref word(composite[n / 64]);
            word.fetch_or(std::uint64_t{1} << n % 64, std::memory_order_relaxed);
        }
    });

    const auto primes = pinfold::count_if(pool, pinfold::Range{2, end}, [composite](auto n) {
        return (composite[n / 64] >> n % 64 & 1) == 0;
    });
    std::cout << primes.value << " primes below " << end << '\n';
}
