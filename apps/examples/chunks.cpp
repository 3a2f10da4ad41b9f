// How a range is cut into chunks: `grain` integers each, and the rest in the last one.
#include <iostream>
#include <pinfold/pinfold.hpp>

int main() {
    pinfold::Pool pool({.workers = 2});
    const auto itself = [](const pinfold::Chunk& chunk) { return chunk; };
    const auto print = [](const pinfold::Chunk&, const pinfold::Chunk& chunk) {
        std::cout << "chunk " << chunk.index << " is [" << chunk.begin << ", " << chunk.end
                  << ")\n";
        return chunk;
    };
    pinfold::map_reduce(pool, pinfold::Range{100, 125}, itself, print, {.grain = 10});
}
