#include <cstdint>
#include <cstdio>
#include <iostream>
#include <pinfold/pinfold.hpp>
#include <string>

// How many steps each number takes to 1 by Collatz's rule, in a file that another run may read.
int main() {
    const std::string path = "collatz_steps.bin";
    pinfold::Pool pool;
    {
        const auto steps = pool.file_array<std::uint16_t>(path, 1'000'000);
        pinfold::transform(pool, pinfold::Range{1, 1'000'001}, steps, [](std::uint64_t k) {
            std::uint16_t count = 0;
            for (; k != 1; ++count) {
                k = k % 2 == 0 ? k / 2 : 3 * k + 1;
            }
            return count;
        });
        steps.sync();  // now the disk has it
    }
    const auto steps = pool.file(path).as<std::uint16_t>();
    const auto most = pinfold::max_element(pool, steps, [](std::uint16_t count) { return count; });
    std::cout << most.value->at + 1 << " takes " << most.value->value << " steps\n";
    std::remove(path.c_str());
}
