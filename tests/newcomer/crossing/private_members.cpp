// A result has private members.
// error: members nobody sees
// error: serialize
#include <functional>
#include <pinfold/pinfold.hpp>
#include <pinfold/shm/crossing.hpp>
#include <string>

class Part {
  public:
    Part() : name("part") {}

  private:
    std::string name;
};

int main() {
    pinfold::Pool pool;
    pinfold::map_reduce(
        pool, pinfold::Range{0, 9}, [](const pinfold::Chunk&) { return Part{}; },
        [](Part a, const Part&) { return a; });
}
