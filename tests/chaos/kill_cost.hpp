#pragma once

namespace chaos {

/// What a worker's death costs a job.
struct KillCost {
    double chunk_ms = 0;         // one chunk, undisturbed
    double median_extra_ms = 0;  // of a job with one kill over one without, the lost chunk included
    int pairs = 0;
};

/// Runs `pairs` pairs of the same job, one of each pair with a kill at a random moment. The pool
/// has a single worker, so nobody else hides the time until its successor is at work.
KillCost measure_kill_cost(int pairs, unsigned seed);

/// What workers that die all the time cost a job of as many chunks as there can be.
struct KillRain {
    double calm_ms = 0;   // the job, undisturbed; a median
    double rainy_ms = 0;  // the same with a kill every 3 ms; a median
    int kills = 0;
    int jobs = 0;  // of each kind
};

/// Runs `jobs` such jobs of each kind, by turns. Throws std::runtime_error for a wrong value, a
/// report that does not add up, or a worker that was killed by anybody else.
KillRain measure_kill_rain(int jobs, unsigned seed);

}  // namespace chaos
