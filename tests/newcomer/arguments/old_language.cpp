// The program is compiled as C++17.
// flags: -std=c++17
// error: pinfold needs C++20
// error: -std=c++20
#include <pinfold/pinfold.hpp>

int main() {
    pinfold::Pool pool;
}
