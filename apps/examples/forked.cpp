// One job on workers that are forked for it: its map may capture anything by reference.
#include <cstddef>
#include <functional>
#include <iostream>
#include <pinfold/pinfold.hpp>
#include <string>
#include <vector>

int main() {
    std::vector<std::string> words;
    for (int n = 1; n <= 1000; ++n) {
        words.push_back(std::to_string(n));
    }

    const auto letters = pinfold::map_reduce_forked(
        {.workers = 2}, pinfold::Range{0, words.size()},
        [&](const pinfold::Chunk& chunk) {
            std::size_t sum = 0;
            for (auto i : chunk) {
                sum += words[i].size();
            }
            return sum;
        },
        std::plus<>{});
    std::cout << letters.value << " letters\n";
}
