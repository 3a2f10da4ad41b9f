// A function of a class captures this.
// throws: std::invalid_argument
// throws: the function
// throws: [this]
#include <functional>
#include <pinfold/pinfold.hpp>

struct Model {
    double factor = 0.5;

    double sum(pinfold::Pool& pool) {
        return pinfold::transform_reduce(pool, pinfold::Range{0, 9}, 0.0, std::plus<>{},
                                         [this](auto k) { return factor * double(k); })
            .value;
    }
};

int main() {
    pinfold::Pool pool;
    Model model;
    return int(model.sum(pool));
}
