// A vector of strings is copied into an array.
// error: trivially copyable
// error: pool.strings(x)
#include <pinfold/pinfold.hpp>
#include <string>
#include <vector>

int main() {
    pinfold::Pool pool;
    return int(pool.array(std::vector<std::string>(3)).size());
}
