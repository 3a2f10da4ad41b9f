// A map takes a vector of strings and returns a string. This is no mistake: it works.
// prints: a, b, c
#include <functional>
#include <iostream>
#include <pinfold/pinfold.hpp>
#include <pinfold/shm/crossing.hpp>
#include <string>
#include <vector>

int main() {
    pinfold::Pool pool;
    const std::vector<std::string> words{"a", "b", "c"};
    std::cout << pinfold::map_reduce(
                     pool, pinfold::Range{0, words.size()}, words,
                     [](const std::vector<std::string>& job, const pinfold::Chunk& chunk) {
                         return (chunk.index == 0 ? "" : ", ") + job[chunk.begin];
                     },
                     std::plus<>{}, {.grain = 1})
                     .value;
}
