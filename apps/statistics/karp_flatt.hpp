#pragma once

namespace pinfold::apps {

/// The serial fraction that a measured speedup stands for: (1/speedup - 1/workers) / (1 -
/// 1/workers). Where it stays the same with more workers, the serial part limits the speedup; where
/// it rises, overhead grows with the workers; below 0 the speedup is more than linear.
///
/// The speedup is above 0 and there are at least 2 workers; others throw std::invalid_argument.
///
/// A. H. Karp and H. P. Flatt, "Measuring Parallel Processor Performance", CACM 33(5), 1990.
[[nodiscard]] double karp_flatt(double speedup, int workers);

}  // namespace pinfold::apps
