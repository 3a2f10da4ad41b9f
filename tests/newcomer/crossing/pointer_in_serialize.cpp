// A class writes a pointer.
// error: raw pointer
// error: hold the value
#include <functional>
#include <pinfold/pinfold.hpp>
#include <pinfold/shm/crossing.hpp>
#include <string>

class Part {
  public:
    template <class Archive>
    void serialize(Archive& archive) {
        archive(name, number);
    }

  private:
    std::string name;
    int* number = nullptr;
};

int main() {
    pinfold::Pool pool;
    pinfold::map_reduce(
        pool, pinfold::Range{0, 9}, [](const pinfold::Chunk&) { return Part{}; },
        [](Part a, const Part&) { return a; });
}
