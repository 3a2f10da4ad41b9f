// A job has a smart pointer in it.
// error: no worker can get
// error: hold the value
#include <functional>
#include <memory>
#include <pinfold/pinfold.hpp>
#include <pinfold/shm/crossing.hpp>
#include <string>

struct Job {
    std::string name;
    std::shared_ptr<int> number;
};

int main() {
    pinfold::Pool pool;
    return pinfold::map_reduce(
               pool, pinfold::Range{0, 4}, Job{"n", std::make_shared<int>(1)},
               [](const Job& job, const pinfold::Chunk&) { return *job.number; }, std::plus<>{})
        .value;
}
