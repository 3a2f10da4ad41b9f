// A function captures a shared_ptr.
// throws: std::invalid_argument
// throws: the function
// throws: pointer
#include <functional>
#include <memory>
#include <pinfold/pinfold.hpp>

int main() {
    pinfold::Pool pool;
    auto factor = std::make_shared<double>(0.5);
    return int(pinfold::transform_reduce(pool, pinfold::Range{0, 1000}, 0.0, std::plus<>{},
                                         [factor](auto k) { return *factor * double(k); })
                   .value);
}
