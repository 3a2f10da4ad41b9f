// A function captures a std::ref.
// throws: std::invalid_argument
// throws: the function
// throws: stack
#include <functional>
#include <pinfold/pinfold.hpp>

int main() {
    pinfold::Pool pool;
    double factor = 0.5;
    return int(pinfold::transform_reduce(pool, pinfold::Range{0, 9}, 0.0, std::plus<>{},
                                         [f = std::ref(factor)](auto k) { return f * double(k); })
                   .value);
}
