// The predicate of a count_if returns a string.
// error: the predicate returns a bool
#include <pinfold/pinfold.hpp>
#include <string>

int main() {
    pinfold::Pool pool;
    return int(pinfold::count_if(pool, pinfold::Range{0, 9}, [](auto k) {
                   return std::to_string(k);
               }).value);
}
