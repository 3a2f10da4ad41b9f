// An output for each line, of which nobody knows the number.
// error: how many lines, words or records there are
// error: gather
#include <pinfold/pinfold.hpp>
#include <string>

int main() {
    pinfold::Pool pool;
    const auto text = pool.array(std::string("one\ntwo\n"));
    const auto out = pool.array<std::size_t>(2);
    pinfold::transform(pool, pinfold::Lines(text), out, [](auto line) { return line.size(); });
}
