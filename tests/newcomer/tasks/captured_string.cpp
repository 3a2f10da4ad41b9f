// A task captures a std::string.
// error: pass it as an argument
// error: #include <pinfold/shm/crossing.hpp>
#include <pinfold/pinfold.hpp>
#include <string>

int main() {
    pinfold::Pool pool;
    const std::string name = "Ada";
    return pool.submit([name] { return static_cast<int>(name.size()); }).get();
}
