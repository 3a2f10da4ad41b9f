// A tuple is captured by value.
// error: std::tuple
// error: put them in a struct
#include <functional>
#include <pinfold/pinfold.hpp>
#include <tuple>

int main() {
    pinfold::Pool pool;
    std::tuple<int, double> line{1, 0.5};
    return int(
        pinfold::transform_reduce(pool, pinfold::Range{0, 9}, 0.0, std::plus<>{}, [line](auto k) {
            return std::get<0>(line) + std::get<1>(line) * double(k);
        }).value);
}
