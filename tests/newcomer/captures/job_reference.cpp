// A job has a reference as a member.
// error: this job has a reference
// error: give it the value
#include <functional>
#include <pinfold/pinfold.hpp>

int main() {
    pinfold::Pool pool;
    struct Job {
        const double& factor;
    };
    double factor = 2;
    return int(
        pinfold::map_reduce(
            pool, pinfold::Range{0, 9}, Job{factor},
            [](const Job& job, const pinfold::Chunk& c) { return job.factor * double(c.size()); },
            std::plus<>{})
            .value);
}
