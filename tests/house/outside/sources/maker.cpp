// A shared object that holds the engine, and makes a pool for others.
#include <pinfold/engine/map_reduce.hpp>
#include <pinfold/engine/pool.hpp>

extern "C" __attribute__((visibility("default"))) pinfold::Pool* make_pool(pinfold::Crew crew) {
    const int workers = crew == pinfold::Crew::serial ? 1 : 2;
    return new pinfold::Pool({.crew = crew, .workers = workers, .pin = "none"});
}

extern "C" __attribute__((visibility("default"))) void end_pool(pinfold::Pool* pool) {
    delete pool;
}
