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

}  // namespace chaos
