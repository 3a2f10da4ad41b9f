#pragma once

#include <optional>
#include <string>
#include <vector>

#include "statistics/estimate.hpp"
#include "study/study.hpp"

namespace pinfold::apps {

/// What the samples of one configuration come to. Times are in seconds.
struct Point {
    std::size_t configuration = 0;
    int samples = 0;
    Estimate seconds;                      ///< of what is compared: see Analysis::measure
    Estimate command_seconds;              ///< of the whole command
    std::optional<Estimate> pool_seconds;  ///< of making the pool
    std::optional<Estimate> job_seconds;   ///< of the job on the warm pool
    std::optional<Estimate> speedup;       ///< over the base; with weak scaling, times the work
    std::optional<Estimate> efficiency;    ///< speedup / workers
    std::optional<double> karp_flatt;      ///< the serial fraction that the speedup says
    std::optional<double> busy_seconds;    ///< the mean of its workers, of the median run
    std::optional<double> idle_seconds;    ///< the rest of the job's time
    std::optional<double> imbalance;       ///< busiest worker's time / mean - 1
    bool narrow = false;                   ///< the interval is within what was asked for
};

/// A scaling law with its coefficients.
struct LawFit {
    std::string law;                     ///< "Amdahl" or "USL"
    Estimate contention;                 ///< sigma or alpha: the share that is serial
    std::optional<Estimate> crosstalk;   ///< kappa or beta; USL alone
    double seconds_of_one = 0;           ///< what the law says that one worker takes
    std::optional<double> peak_workers;  ///< USL with crosstalk above 0: where it is quickest
    double residual = 0;                 ///< relative standard deviation of the points around it

    /// How many times as quick as the base the law says that many workers are. The base's seconds
    /// are those of Analysis::base.
    [[nodiscard]] double speedup(double workers, double base_seconds) const;
};

/// A row of a law's curve, with the band in which it lies by its coefficients' intervals.
struct CurvePoint {
    double workers = 1;
    Estimate speedup;
};

/// The points of one crew and pinning, or of one peer.
struct Series {
    std::string name;
    Role role = Role::crew;
    std::vector<Point> points;  ///< by rising workers
    std::vector<LawFit> fits;
    std::vector<CurvePoint> curve;      ///< of the last fit; empty where there is none
    std::vector<std::string> findings;  ///< plain sentences, also on what the data cannot tell
};

/// What the samples of a study say.
struct Analysis {
    std::string measure;           ///< "job" where all runs tell it, else "command"
    std::optional<Estimate> base;  ///< the best serial time in seconds, for work of 1
    std::string base_name;
    std::vector<Series> series;
    std::vector<std::string> findings;  ///< on the study as a whole
};

/// Looks at all samples. A pure function: the bootstrap's random numbers come from the study's
/// seed. The statistics and their sources are in apps/statistics.
///
/// The base is the best serial time: of the bases, and of a serial crew of the command; never that
/// of a parallel program with one worker. Speedups are ratios of medians; efficiency is the same by
/// workers. Laws are fitted to the points that have no more workers than the machine has usable
/// CPUs, Amdahl's to 3 or more of them and the USL to 4 or more. With weak scaling all times are
/// taken for the same work, and Amdahl's law and the Karp-Flatt metric, which are about a fixed
/// work, are left out. A sample without a time above 0 is passed over.
///
/// Run time: some milliseconds a series.
[[nodiscard]] Analysis analyse(const Study& study);

}  // namespace pinfold::apps
