// The header of tasks is missing.
// error: #include <pinfold/engine/tasks.hpp>
// flags: -Wall
#include <pinfold/engine/pool.hpp>

int main() {
    pinfold::Pool pool;
    return pool.submit([] { return 1; }).get();
}
