// A job with a journal, a progress line and a stop. Where it is killed half-way, the next run of
// the program goes on from there.
#include <cmath>
#include <filesystem>
#include <functional>
#include <iostream>
#include <pinfold/pinfold.hpp>
#include <stop_token>

int main() {
    pinfold::Pool pool;
    std::stop_source source;  // source.request_stop() in any thread ends the job
    try {
        const auto zeta = pinfold::map_reduce(
            pool, pinfold::Range{1, 1'000'000},
            [](const pinfold::Chunk& chunk) {
                double sum = 0;
                for (auto k : chunk) {
                    sum += std::pow(k, -2);
                }
                return sum;
            },
            std::plus<>{},
            {.grain = 1000,
             .stop = source.get_token(),
             .journal = {.file = "sums.journal", .kernel = "zeta 2", .version = 1},
             .progress = [](const pinfold::Progress& p) {
                 std::cerr << p.chunks_done << " of " << p.chunks_total << " chunks\n";
             }});
        std::cout << "zeta(2) is about " << zeta.value << '\n';
        std::filesystem::remove("sums.journal");  // it has done its work
    } catch (const pinfold::JobFailed& failure) {
        std::cerr << "a map threw, or a chunk used up its attempts: " << failure.what() << '\n';
    } catch (const pinfold::Cancelled&) {
        std::cerr << "stopped; the journal keeps what was done\n";
    }
}
