// A function of elements is written for all lines of a chunk.
// error: f(line) with a std::string_view
#include <pinfold/pinfold.hpp>
#include <string>

int main() {
    pinfold::Pool pool;
    const auto text = pool.array(std::string("one\ntwo\n"));
    const auto any = [](const pinfold::ChunkLines& lines) { return !lines.empty(); };
    return int(pinfold::count_if(pool, pinfold::Lines(text), any).value);
}
