// A string is captured by value.
// error: captures a std::string
// error: write the function as a struct
// error: pool.array(x)
#include <pinfold/pinfold.hpp>
#include <string>

int main() {
    pinfold::Pool pool;
    std::string letters = "aeiou";
    auto vowels = pinfold::count_if(pool, pinfold::Range{0, 256}, [letters](auto k) {
        return letters.find(char(k)) != std::string::npos;
    });
    return int(vowels.value);
}
