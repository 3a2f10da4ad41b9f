// The readings of a sensor: what they sum to, which are too high, how they are spread, and in which
// order. Each call gives the same on each run, with any number of workers.
#include <cstdint>
#include <iostream>
#include <pinfold/pinfold.hpp>
#include <vector>

int main() {
    pinfold::Pool pool;
    const auto readings = pool.array(std::vector<double>{3, 9, 4, 4, 12, 12, 12, 1, 7, 10});

    const auto sums = pool.array<double>(readings.size());
    pinfold::inclusive_scan(pool, readings, sums);
    std::cout << "after five " << sums[4] << ", in all " << sums[9] << '\n';

    const auto is_high = [](double x) { return x > 9.5; };
    const auto first = pinfold::find_if(pool, readings, is_high).value;
    const auto high = pinfold::copy_if(pool, readings, is_high).value;
    std::cout << high.size() << " are high, the first at " << first->at << '\n';

    const auto changes = pinfold::unique(pool, readings).value;
    std::cout << changes.size() << " without repetitions\n";

    const auto spread = pinfold::histogram(pool, readings, pinfold::Bins{0, 12, 3}).value;
    std::cout << spread.counts[0] << ' ' << spread.counts[1] << ' ' << spread.counts[2] << ", and "
              << spread.above << " above\n";

    const auto sorted = pool.array<double>(readings.size());
    pinfold::sort(pool, readings, sorted);
    std::cout << "from " << sorted[0] << " to " << sorted[9] << "; the greatest three:";
    for (const double reading : pinfold::top_k(pool, readings, 3).value) {
        std::cout << ' ' << reading;
    }
    std::cout << '\n';
}
