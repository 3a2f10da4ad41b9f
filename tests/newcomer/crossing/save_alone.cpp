// A result writes itself, and does not read itself.
// error: writes itself but does not read itself
// error: load()
#include <functional>
#include <pinfold/pinfold.hpp>
#include <pinfold/shm/crossing.hpp>
#include <string>

struct Part {
    std::string name;
    template <class Archive>
    void save(Archive& archive) const {
        archive(name);
    }
};

int main() {
    pinfold::Pool pool;
    pinfold::map_reduce(
        pool, pinfold::Range{0, 9}, [](const pinfold::Chunk&) { return Part{}; },
        [](Part a, const Part&) { return a; });
}
