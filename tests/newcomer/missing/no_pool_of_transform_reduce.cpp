// The pool of a transform_reduce is missing.
// error: the pool or another argument is missing
#include <functional>
#include <pinfold/pinfold.hpp>

int main() {
    return int(pinfold::transform_reduce(pinfold::Range{0, 9}, 0.0, std::plus<>{}, [](auto k) {
                   return double(k);
               }).value);
}
