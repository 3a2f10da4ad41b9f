// A result with serialize() has no default constructor.
// error: without a default constructor
// error: give it one
#include <functional>
#include <pinfold/pinfold.hpp>
#include <pinfold/shm/crossing.hpp>
#include <string>

struct Part {
    explicit Part(int value) : name(value, 32) {}
    std::string name;
    template <class Archive>
    void serialize(Archive& archive) {
        archive(name);
    }
};

int main() {
    pinfold::Pool pool;
    pinfold::map_reduce(
        pool, pinfold::Range{0, 9}, [](const pinfold::Chunk&) { return Part(1); },
        [](Part a, const Part&) { return a; });
}
