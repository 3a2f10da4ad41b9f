// A job has a shared pointer in it, and nothing else that owns memory.
// error: a pointer or a smart pointer
// error: hold the value
#include <functional>
#include <memory>
#include <pinfold/pinfold.hpp>
#include <pinfold/shm/crossing.hpp>

struct Job {
    std::shared_ptr<int> number;
};

int main() {
    pinfold::Pool pool;
    return pinfold::map_reduce(
               pool, pinfold::Range{0, 4}, Job{std::make_shared<int>(1)},
               [](const Job& job, const pinfold::Chunk&) { return *job.number; }, std::plus<>{})
        .value;
}
