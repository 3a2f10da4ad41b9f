// A map over items returns a std::string, and the header is missing that knows how it crosses.
// error: #include <pinfold/shm/crossing.hpp>
#include <pinfold/pinfold.hpp>
#include <string>
#include <vector>

int main() {
    pinfold::Pool pool;
    const std::vector<int> items{1, 2};
    return static_cast<int>(pool.map([](int x) { return std::to_string(x); }, items).get().size());
}
