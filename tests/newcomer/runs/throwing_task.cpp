// A task throws, and nobody catches.
// throws: pinfold::TaskFailed
// throws: std::runtime_error: no value
// throws: Crew::serial
#include <pinfold/pinfold.hpp>
#include <stdexcept>

int main() {
    pinfold::Pool pool;
    return pool.submit([]() -> int { throw std::runtime_error("no value"); }).get();
}
