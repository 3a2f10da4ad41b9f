#include "statistics/karp_flatt.hpp"

#include <cmath>
#include <stdexcept>

namespace pinfold::apps {

double karp_flatt(double speedup, int workers) {
    if (!(speedup > 0) || !std::isfinite(speedup) || workers < 2) {
        throw std::invalid_argument(
            "the Karp-Flatt metric needs a speedup above 0 and at least 2 workers");
    }
    const double share = 1.0 / workers;
    return (1 / speedup - share) / (1 - share);
}

}  // namespace pinfold::apps
