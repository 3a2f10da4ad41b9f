// A result has a vector of smart pointers in it.
// error: a pointer or a smart pointer
// error: return the value
#include <functional>
#include <memory>
#include <pinfold/pinfold.hpp>
#include <pinfold/shm/crossing.hpp>
#include <vector>

struct Part {
    std::vector<std::shared_ptr<int>> values;
};

int main() {
    pinfold::Pool pool;
    pinfold::map_reduce(
        pool, pinfold::Range{0, 9}, [](const pinfold::Chunk&) { return Part{}; },
        [](Part a, const Part&) { return a; });
}
