// A result holds what can be neither copied nor moved.
// error: neither copied nor moved
// error: leave it out
#include <functional>
#include <list>
#include <mutex>
#include <pinfold/pinfold.hpp>
#include <pinfold/shm/crossing.hpp>

struct Part {
    std::list<std::mutex> locks;
};

int main() {
    pinfold::Pool pool;
    pinfold::map_reduce(
        pool, pinfold::Range{0, 9}, [](const pinfold::Chunk&) { return Part{}; },
        [](Part a, const Part&) { return a; });
}
