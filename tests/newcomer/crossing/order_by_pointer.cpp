// A result is a map whose order is a pointer to a function.
// error: comparison or hash
// error: class without members
#include <functional>
#include <map>
#include <pinfold/pinfold.hpp>
#include <pinfold/shm/crossing.hpp>
#include <string>

using Part = std::map<std::string, int, bool (*)(const std::string&, const std::string&)>;

int main() {
    pinfold::Pool pool;
    pinfold::map_reduce(
        pool, pinfold::Range{0, 9}, [](const pinfold::Chunk&) { return Part{}; },
        [](Part a, const Part&) { return a; });
}
