// A task takes a const char*.
// error: std::string_view
#include <pinfold/pinfold.hpp>
#include <pinfold/shm/crossing.hpp>

int main() {
    pinfold::Pool pool;
    return pool.submit([](const char* s) { return static_cast<int>(s[0]); }, "text").get();
}
