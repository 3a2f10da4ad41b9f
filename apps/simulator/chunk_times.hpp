#pragma once

#include <cstdint>
#include <vector>

namespace pinfold::apps {

/// The times of a job's chunks, with what each costs beside, summed up so that a batch is looked up
/// at once.
class ChunkTimes {
  public:
    ChunkTimes(const std::vector<double>& seconds, double beside) : beside_(beside) {
        sums_.reserve(seconds.size() + 1);
        double sum = 0;
        sums_.push_back(sum);
        for (const double chunk : seconds) {
            sum += chunk;
            sums_.push_back(sum);
        }
    }

    [[nodiscard]] std::uint64_t count() const noexcept { return sums_.size() - 1; }

    /// Of chunks [first, last).
    [[nodiscard]] double sum(std::uint64_t first, std::uint64_t last) const noexcept {
        return sums_[last] - sums_[first] + static_cast<double>(last - first) * beside_;
    }

    /// Which of the chunks [first, last) a worker is in that began with them so long ago.
    [[nodiscard]] std::uint64_t chunk_at(std::uint64_t first, std::uint64_t last,
                                         double after) const noexcept {
        std::uint64_t low = first;  // begun by then
        std::uint64_t high = last;
        while (high - low > 1) {
            const std::uint64_t middle = low + (high - low) / 2;
            (sum(first, middle) <= after ? low : high) = middle;
        }
        return low;
    }

  private:
    std::vector<double> sums_;
    const double beside_;
};

}  // namespace pinfold::apps
