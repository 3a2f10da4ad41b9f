// A result adds a member to a class that writes itself.
// error: only its base class
// error: cereal::base_class<Base>(this)
#include <functional>
#include <pinfold/pinfold.hpp>
#include <pinfold/shm/crossing.hpp>
#include <string>

struct Named {
    std::string name;
    template <class Archive>
    void serialize(Archive& archive) {
        archive(name);
    }
};
struct Part : Named {
    int value = 0;
};

int main() {
    pinfold::Pool pool;
    pinfold::map_reduce(
        pool, pinfold::Range{0, 9}, [](const pinfold::Chunk&) { return Part{}; },
        [](Part a, const Part&) { return a; });
}
