// When did each chunk run, and on which worker? The file opens in ui.perfetto.dev.
#include <filesystem>
#include <functional>
#include <iostream>
#include <pinfold/pinfold.hpp>

int main() {
    pinfold::Pool pool;
    pinfold::Timeline timeline({.name = "triangles"});
    const auto r = pinfold::map_reduce(pool, pinfold::Range{0, 1'600'000},
                                       [](const pinfold::Chunk& chunk) {
                                           std::uint64_t sum = 0;
                                           for (auto n : chunk) {
                                               sum += n * (n + 1) / 2 % 3 == 0;
                                           }
                                           return sum;
                                       },
                                       std::plus<>{}, {.grain = 100'000, .timeline = &timeline});
    timeline.write("timeline.json");
    std::cout << r.value << " triangular numbers, " << timeline.chunks() << " chunks\n";
    std::filesystem::remove("timeline.json");  // you keep it
}
