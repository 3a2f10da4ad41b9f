// A class that keeps its pool: its maps capture what they need of it, not `this`.
#include <functional>
#include <iostream>
#include <pinfold/pinfold.hpp>
#include <vector>

class Model {
  public:
    Model(double weight, const std::vector<double>& data)
        : weight_(weight), data_(pool_.array(data)) {}

    double score() const {
        return pinfold::transform_reduce(
                   pool_, pinfold::Range{0, data_.size()}, 0.0, std::plus<>{},
                   [w = weight_, data = data_](auto i) { return w * data[i]; })
            .value;
    }

  private:
    mutable pinfold::Pool pool_{{.workers = 2}};  // a job changes its pool: mutable for score()
    double weight_;
    pinfold::shm::Array<double> data_;
};

int main() {
    const Model model(0.5, {1, 2, 3});
    std::cout << "score " << model.score() << '\n';
}
