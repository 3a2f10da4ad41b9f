// A functor holds a reference.
// error: captures by reference
// error: reference member
#include <functional>
#include <pinfold/pinfold.hpp>

int main() {
    pinfold::Pool pool;
    struct Scale {
        const double& factor;
        double operator()(std::uint64_t k) const { return factor * double(k); }
    };
    double factor = 2;
    return int(
        pinfold::transform_reduce(pool, pinfold::Range{0, 9}, 0.0, std::plus<>{}, Scale{factor})
            .value);
}
