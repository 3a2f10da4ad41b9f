// A struct that is a job has a pointer to a vector.
// throws: std::invalid_argument
// throws: the job
// throws: pool.array
#include <functional>
#include <pinfold/pinfold.hpp>
#include <vector>

int main() {
    pinfold::Pool pool;
    struct Job {
        const double* numbers;
    };
    std::vector<double> v(1000, 0.5);
    return int(pinfold::map_reduce(
                   pool, pinfold::Range{0, 1000}, Job{v.data()},
                   [](const Job& job, const pinfold::Chunk& c) { return job.numbers[c.begin]; },
                   std::plus<>{})
                   .value);
}
