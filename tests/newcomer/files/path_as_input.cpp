// The input is the path of a file.
// error: an array or a file of the pool
// error: pool.file(path)
#include <pinfold/pinfold.hpp>
#include <string>

int main() {
    pinfold::Pool pool;
    const auto is_letter = [](char c) { return c >= 'a'; };
    return int(pinfold::count_if(pool, std::string("data"), is_letter).value);
}
