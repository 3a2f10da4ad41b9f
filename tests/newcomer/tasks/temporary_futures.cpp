// The futures that are waited for are gone when the loop begins.
// error: keep them in a variable
#include <pinfold/pinfold.hpp>
#include <vector>

std::vector<pinfold::Future<int>> submitted(pinfold::Pool& pool) {
    std::vector<pinfold::Future<int>> futures;
    futures.push_back(pool.submit([] { return 1; }));
    return futures;
}

int main() {
    pinfold::Pool pool;
    for (auto& one : pinfold::as_completed(submitted(pool))) {
        one.get();
    }
}
