// wait() is asked for one future.
// error: future.wait()
#include <pinfold/pinfold.hpp>

int main() {
    pinfold::Pool pool;
    auto one = pool.submit([] { return 1; });
    pinfold::wait(one);
}
