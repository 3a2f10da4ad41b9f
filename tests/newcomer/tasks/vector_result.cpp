// A task returns a std::vector, and the header is missing that knows how it crosses.
// error: task's result
// error: #include <pinfold/shm/crossing.hpp>
#include <pinfold/pinfold.hpp>
#include <vector>

int main() {
    pinfold::Pool pool;
    return pool.submit([] { return std::vector<int>{1}; }).get().at(0);
}
