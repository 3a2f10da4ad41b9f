// submit() without a pool is called outside of a task.
// throws: std::logic_error
// throws: pool.submit(
#include <pinfold/pinfold.hpp>

int main() {
    pinfold::Pool pool;
    return pinfold::submit([] { return 1; }).get();
}
