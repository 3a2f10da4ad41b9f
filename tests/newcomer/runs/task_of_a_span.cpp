// A task gets a span of a vector.
// throws: std::invalid_argument
// throws: an argument holds a pointer into
// throws: pool.array(x)
#include <pinfold/pinfold.hpp>
#include <span>
#include <vector>

int main() {
    pinfold::Pool pool;
    const std::vector<int> numbers(100, 1);
    return pool.submit([](std::span<const int> n) { return n[0]; }, std::span(numbers)).get();
}
