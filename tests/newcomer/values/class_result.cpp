// A map returns a class with private members that owns memory.
// error: members nobody sees (private ones
// error: void serialize(A& a)
#include <pinfold/pinfold.hpp>
#include <pinfold/shm/crossing.hpp>
#include <string>

class Name {
  public:
    std::string text() const { return text_; }

  private:
    std::string text_;
};

int main() {
    pinfold::Pool pool;
    return int(pinfold::map_reduce(
                   pool, pinfold::Range{0, 9}, [](const pinfold::Chunk&) { return Name(); },
                   [](auto a, const auto&) { return a; })
                   .value.text()
                   .size());
}
