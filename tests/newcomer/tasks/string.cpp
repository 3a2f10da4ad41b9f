// An argument is a std::string, and the header is missing that knows how it crosses.
// error: #include <pinfold/shm/crossing.hpp>
#include <pinfold/pinfold.hpp>
#include <string>

int main() {
    pinfold::Pool pool;
    const std::string text = "text";
    return pool.submit([](const std::string& s) { return static_cast<int>(s.size()); }, text).get();
}
