// The items are strings, and the header is missing that knows how they cross.
// error: #include <pinfold/shm/crossing.hpp>
#include <pinfold/pinfold.hpp>
#include <string>
#include <vector>

int main() {
    pinfold::Pool pool;
    const std::vector<std::string> names{"Ada", "Grace"};
    return pool.map([](const std::string& name) { return int(name.size()); }, names).get().at(0);
}
