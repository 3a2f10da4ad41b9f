// A source without exceptions may include every header, run jobs and hold arrays. What the library
// throws passes through it to who catches it, or ends the program.
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <pinfold/engine/map_reduce.hpp>
#include <pinfold/engine/phase.hpp>
#include <pinfold/engine/pool.hpp>
#include <span>

int main() {
    pinfold::Pool pool({.workers = 2});
    pinfold::shm::Array<std::uint64_t> numbers(pool.arena(), 1000);
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        numbers[i] = i;
    }
    pinfold::Phases<int> phases;
    phases.add({.range = {0, 10}, .grain = 1, .bytes = 80},
               [](const int&, const pinfold::Chunk& chunk, const pinfold::PhaseMemory& memory) {
                   memory.of<std::uint64_t>(0)[chunk.index] = 1;
               });
    const auto ones = pinfold::map_reduce(
        pool, pinfold::Range{0, 10}, 1, phases,
        [](const int&, const pinfold::Chunk& chunk, const pinfold::PhaseMemory& memory) {
            return memory.of<std::uint64_t>(0)[chunk.index];
        },
        std::plus<>{}, {.grain = 1});
    const auto sum = pinfold::map_reduce(
        pool, numbers, 1,
        [](const int&, std::span<const std::uint64_t> part, const pinfold::Chunk&) {
            std::uint64_t total = 0;
            for (const std::uint64_t number : part) {
                total += number;
            }
            return total;
        },
        std::plus<>{});
    return ones.value == 10 && sum.value == 499500 ? EXIT_SUCCESS : EXIT_FAILURE;
}
