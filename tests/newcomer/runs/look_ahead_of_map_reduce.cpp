// A job that is no stream looks ahead.
// throws: look_ahead 8 means nothing to this job: it is for stream() and gather()
#include <functional>
#include <pinfold/pinfold.hpp>

int main() {
    pinfold::Pool pool;
    pinfold::map_reduce(pool, pinfold::Range{0, 9}, [](const pinfold::Chunk&) { return 1; },
                        std::plus<>{}, {.look_ahead = 8});
}
