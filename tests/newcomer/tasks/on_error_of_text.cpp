// The function of on_error() returns another type than the task.
// error: returns another type than get()
#include <exception>
#include <pinfold/pinfold.hpp>
#include <string>

int main() {
    pinfold::Pool pool;
    return pool.submit([] { return 1; })
        .on_error([](std::exception_ptr) { return std::string("none"); })
        .get();
}
