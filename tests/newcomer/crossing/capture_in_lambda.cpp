// A lambda captures a string: nobody sees what is in it.
// error: captures a std::string
// error: struct with these members
// error: operator() const
#include <functional>
#include <pinfold/pinfold.hpp>
#include <pinfold/shm/crossing.hpp>
#include <string>

const std::string vowels = "aeiou";

int main() {
    pinfold::Pool pool;
    std::string letters = vowels;
    pinfold::map_reduce(
        pool, pinfold::Range{0, 256},
        [letters](const pinfold::Chunk& c) { return letters.size() * c.size(); }, std::plus<>{});
}
