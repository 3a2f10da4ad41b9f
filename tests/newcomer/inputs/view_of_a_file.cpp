// The result is a view of a file's line, of which the worker has had a copy.
// error: gone when the map returns
// error: return a std::string
#include <pinfold/pinfold.hpp>

int main() {
    pinfold::Pool pool;
    const auto files = pool.files({"a", "b"});
    const auto last = pinfold::max_element(pool, pinfold::Lines(files));
    return last.value ? int(last.value->value.size()) : 0;
}
