// The function of a min_element forgets its return.
// error: return
#include <pinfold/pinfold.hpp>

int main() {
    pinfold::Pool pool;
    return int(pinfold::min_element(pool, pinfold::Range{0, 9}, [](auto) {}).value->at);
}
