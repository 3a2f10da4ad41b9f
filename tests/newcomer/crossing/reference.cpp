// A result has a reference in it.
// error: has a reference
// error: not const
#include <functional>
#include <pinfold/pinfold.hpp>
#include <pinfold/shm/crossing.hpp>
#include <string>

int number = 7;
struct Part {
    std::string name;
    const int& value = number;
};

int main() {
    pinfold::Pool pool;
    pinfold::map_reduce(
        pool, pinfold::Range{0, 9}, [](const pinfold::Chunk&) { return Part{}; },
        [](Part a, const Part&) { return a; });
}
