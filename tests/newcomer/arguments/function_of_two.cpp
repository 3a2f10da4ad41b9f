// The function of a count_if takes two elements.
// error: called for each element
#include <pinfold/pinfold.hpp>

int main() {
    pinfold::Pool pool;
    return int(
        pinfold::count_if(pool, pinfold::Range{0, 9}, [](auto a, auto b) { return a < b; }).value);
}
