// A task returns a struct with a pointer and a string.
// error: pointer or a smart pointer
// error: return the value
#include <pinfold/pinfold.hpp>
#include <pinfold/shm/crossing.hpp>
#include <string>

struct Part {
    std::string name;
    const int* value = nullptr;
};

int main() {
    pinfold::Pool pool;
    return *pool.submit([] { return Part{}; }).get().value;
}
