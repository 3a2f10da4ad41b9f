// The function of then() takes another type than the task returns.
// error: then(f) calls f(value)
#include <pinfold/pinfold.hpp>
#include <string>

int main() {
    pinfold::Pool pool;
    pool.submit([] { return 1; }).then([](const std::string& s) { return s.size(); }).get();
}
