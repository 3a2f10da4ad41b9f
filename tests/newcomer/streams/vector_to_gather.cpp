// The map of gather() wants a vector to append to.
// error: out is a pinfold::Appender<T>&
#include <pinfold/pinfold.hpp>
#include <vector>

int main() {
    pinfold::Pool pool;
    pinfold::gather<int>(pool, pinfold::Range{0, 9},
                         [](const pinfold::Chunk&, std::vector<int>& out) { out.push_back(1); });
}
