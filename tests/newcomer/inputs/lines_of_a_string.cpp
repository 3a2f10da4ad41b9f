// The text is a std::string.
// error: workers do not see a std::string
// error: pool.array(text)
#include <pinfold/pinfold.hpp>
#include <string>

int main() {
    pinfold::Pool pool;
    const std::string text = "one\ntwo\n";
    return int(pinfold::count_if(pool, pinfold::Lines(text), [](auto) { return true; }).value);
}
