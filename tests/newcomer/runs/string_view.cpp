// A function captures a string_view of a string.
// throws: std::invalid_argument
// throws: the function
// throws: string_view
#include <pinfold/pinfold.hpp>
#include <string>
#include <string_view>

int main() {
    pinfold::Pool pool;
    std::string text(1000, 'x');
    return int(
        pinfold::count_if(pool, pinfold::Range{0, 1000}, [t = std::string_view(text)](auto k) {
            return t[k] == 'x';
        }).value);
}
