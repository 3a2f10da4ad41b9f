// A task returns a std::string_view.
// error: return a std::string
#include <pinfold/pinfold.hpp>
#include <string_view>

int main() {
    pinfold::Pool pool;
    return static_cast<int>(pool.submit([] { return std::string_view("text"); }).get().size());
}
