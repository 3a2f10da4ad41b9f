// A consumer takes no result.
// error: the consumer is called as consume(result) or consume(result, chunk)
#include <pinfold/pinfold.hpp>

int main() {
    pinfold::Pool pool;
    pinfold::stream(
        pool, pinfold::Range{0, 9}, [](const pinfold::Chunk&) { return 1; }, [] {});
}
