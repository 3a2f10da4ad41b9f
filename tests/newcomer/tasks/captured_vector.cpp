// A task captures a std::vector, with the header that lets one cross as an argument.
// error: captures a std::string, a std::vector
// error: pass it as an argument
#include <pinfold/pinfold.hpp>
#include <pinfold/shm/crossing.hpp>
#include <vector>

int main() {
    pinfold::Pool pool;
    const std::vector<int> numbers{1, 2};
    return pool.submit([numbers] { return numbers.at(1); }).get();
}
