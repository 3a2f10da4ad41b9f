// An argument is a std::unique_ptr.
// error: hold the value
#include <memory>
#include <pinfold/pinfold.hpp>
#include <pinfold/shm/crossing.hpp>
#include <utility>

int main() {
    pinfold::Pool pool;
    auto number = std::make_unique<int>(1);
    return pool.submit([](std::unique_ptr<int> n) { return *n; }, std::move(number)).get();
}
