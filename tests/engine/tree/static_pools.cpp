// A program whose pools are static: one that is made before main(), one in a function, and one that
// the program leaves to a static pointer.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <pinfold/engine/map_reduce.hpp>
#include <string>

namespace {

/// Set by main()'s arguments, which glibc also hands to static constructors.
pinfold::Crew crew = pinfold::Crew::processes;

__attribute__((constructor(101))) void read_crew(int, char** arguments, char**) {
    if (arguments[1] != nullptr) {
        crew = pinfold::parse_crew(arguments[1]);
    }
}

pinfold::PoolOptions options() {
    return {.crew = crew, .workers = crew == pinfold::Crew::serial ? 1 : 2, .pin = "none"};
}

pinfold::Pool before_main(options());
std::unique_ptr<pinfold::Pool> left;

pinfold::Pool& in_a_function() {
    static pinfold::Pool pool(options());
    return pool;
}

struct Empty {};

std::string sum_on(pinfold::Pool& pool) {
    const auto sum = pinfold::map_reduce(
        pool, pinfold::Range{0, 1000}, Empty{},
        [](const Empty&, const pinfold::Chunk& chunk) {
            std::uint64_t all = 0;
            for (std::uint64_t i = chunk.begin; i < chunk.end; ++i) {
                all += i;
            }
            return all;
        },
        [](std::uint64_t a, std::uint64_t b) { return a + b; });
    return std::to_string(sum.value);
}

}  // namespace

int main(int, char** arguments) {
    left = std::make_unique<pinfold::Pool>(options());
    std::printf("%s %s %s\n", sum_on(before_main).c_str(), sum_on(in_a_function()).c_str(),
                sum_on(*left).c_str());
    std::fflush(stdout);
    if (std::strcmp(arguments[2], "exit") == 0) {
        std::exit(0);
    }
    if (std::strcmp(arguments[2], "quick_exit") == 0) {
        std::quick_exit(0);
    }
    return 0;
}
