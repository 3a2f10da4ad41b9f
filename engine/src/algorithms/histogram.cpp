#include <cmath>
#include <cstring>
#include <pinfold/engine/algorithms/histogram.hpp>
#include <sstream>
#include <stdexcept>

namespace pinfold::detail {

void check_bins(const Bins& bins) {
    if (bins.count == 0 || bins.count > most_bins) {
        throw std::invalid_argument("a histogram has 1 to " + std::to_string(most_bins) +
                                    " bins, not " + std::to_string(bins.count));
    }
    if (!(bins.first < bins.last) || !std::isfinite(bins.last - bins.first)) {
        std::ostringstream text;
        text << "the bins of a histogram go from a number to a greater one, not from " << bins.first
             << " to " << bins.last;
        throw std::invalid_argument(text.str());
    }
}

void add_counts(Histogram& all, std::span<const std::byte> counts) {
    const auto next = [&counts] {
        std::uint64_t count = 0;
        std::memcpy(&count, counts.data(), sizeof(count));
        counts = counts.subspan(sizeof(count));
        return count;
    };
    for (std::uint64_t& bin : all.counts) {
        bin += next();
    }
    all.below += next();
    all.above += next();
    all.nan += next();
}

}  // namespace pinfold::detail
