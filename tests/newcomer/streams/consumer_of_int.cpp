// A consumer takes numbers of another type than the map gives.
// error: the consumer takes another type than the map's result
#include <pinfold/pinfold.hpp>

int main() {
    pinfold::Pool pool;
    pinfold::stream(
        pool, pinfold::Range{0, 9}, [](const pinfold::Chunk&) { return 0.5; }, [](int) {});
}
