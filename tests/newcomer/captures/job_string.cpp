// A job is a string.
// error: this job owns memory
// error: #include <pinfold/shm/crossing.hpp>
// error: pool.array(x)
#include <functional>
#include <pinfold/pinfold.hpp>
#include <string>

int main() {
    pinfold::Pool pool;
    std::string text = "text";
    return int(
        pinfold::map_reduce(
            pool, pinfold::Range{0, 4}, text,
            [](const std::string& t, const pinfold::Chunk& chunk) { return int(t[chunk.begin]); },
            std::plus<>{})
            .value);
}
