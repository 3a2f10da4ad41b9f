// A program whose job and results are more than their bytes: it includes one header more, and finds
// cereal and Boost.PFR where its compiler looks.
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <map>
#include <pinfold/pinfold.hpp>
#include <pinfold/shm/crossing.hpp>
#include <string>
#include <utility>
#include <vector>

namespace {

using Counts = std::map<std::string, std::uint64_t>;

struct Words {
    std::vector<std::string> words;
};

}  // namespace

int main() {
    const Words job{{"fold", "pin", "fold"}};
    pinfold::Pool pool({.workers = 2});
    const auto map = [](const Words& words, const pinfold::Chunk& chunk) {
        Counts counts;
        for (auto i = static_cast<std::size_t>(chunk.begin); i < chunk.end; ++i) {
            ++counts[words.words[i % words.words.size()]];
        }
        return counts;
    };
    const auto fold = [](Counts all, const Counts& part) {
        for (const auto& [word, count] : part) {
            all[word] += count;
        }
        return all;
    };
    const auto counts =
        pinfold::map_reduce(pool, pinfold::Range{0, 300}, job, map, fold, {.grain = 7}).value;
    for (const auto& [word, count] : counts) {
        std::cout << word << ' ' << count << '\n';
    }
    return counts == Counts{{"fold", 200}, {"pin", 100}} ? EXIT_SUCCESS : EXIT_FAILURE;
}
