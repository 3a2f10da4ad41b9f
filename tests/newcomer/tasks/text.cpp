// An argument is a text, and the header is missing that knows how it crosses.
// error: #include <pinfold/shm/crossing.hpp>
#include <pinfold/pinfold.hpp>
#include <string_view>

int main() {
    pinfold::Pool pool;
    return pool.submit([](std::string_view s) { return static_cast<int>(s.size()); }, "text").get();
}
