#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace pinfold::apps {

/// A job of one phase, as its chunks took their time.
struct Workload {
    std::vector<double> chunk_seconds;  ///< of each chunk, in the order of the range
    bool chunks_sleep = false;          ///< they wait for time to pass, and need no CPU for it
};

/// A machine and a crew on it, and what the steps of the engine cost there. Times are in seconds.
/// The defaults are those of one small machine; see docs/scaling.md for how each was measured.
struct Constants {
    int cpus = 1;               ///< more workers than that share them
    bool is_bound = true;       ///< each worker stays on its CPU
    int numa_nodes = 1;         ///< each has a cursor that deals its part of the chunks
    bool workers_spin = false;  ///< they wait awake, as between jobs that follow at once

    double open = 2e-6;     ///< the host's CPU time from the call to the first ring
    double call = 6e-6;     ///< the host's CPU time to wake one worker
    double enter = 10e-6;   ///< a worker's CPU time from its call to its first claim
    double batch = 150e-9;  ///< a worker's CPU time to deal and to count a batch, without transfers
    double chunk = 2.6e-9;  ///< its CPU time to claim and commit a chunk
    double resume = 5.7e-6;  ///< its CPU time after each chunk that slept, and before the next
    double line = 60e-9;     ///< to bring a cache line from another core, one way
    double look = 10e-9;     ///< to look whether another worker has chunks left
    double split = 5e-6;     ///< to ask a worker for a part of what it holds a lease of
    double report = 25e-6;   ///< from the last commit until the host runs
    double fold = 1.3e-9;    ///< the host's CPU time to fold a chunk's result
    double close = 2e-6;     ///< the host's CPU time to end the job
    double slice = 3e-3;     ///< after which the kernel gives a shared CPU to whoever waits

    std::string source = "a virtual machine of two Emerald Rapids cores";
};

/// A part of a predicted time. The parts of a prediction add up to it.
struct Term {
    std::string name;
    double seconds = 0;
};

/// How a job would go.
struct Prediction {
    int workers = 1;
    double seconds = 0;
    double speedup = 1;          ///< over the chunks one after the other, and the fold
    double busy_seconds = 0;     ///< inside of chunks, the mean of the workers
    double waiting_seconds = 0;  ///< of the mean worker, all else until the last commit
    std::uint64_t batches = 0;
    std::uint64_t steals = 0;  ///< of these, taken from other workers
    std::vector<Term> terms;   ///< "work" first, then what is lost
    std::string limit;         ///< the largest of what is lost; "work" where it is below 5 %
};

/// Runs the engine's claims, batches, steals, wakes and fold in simulated time. A pure function:
/// equal arguments give equal results, bit by bit.
///
/// Run time: O(batches * log(workers)): 0.3 s for 10^6 chunks of 10 ms. Memory: 20 bytes a chunk.
/// Throws std::invalid_argument for a number of workers or CPUs below 1, or a time that is negative
/// or not finite.
[[nodiscard]] Prediction simulate(const Workload& work, int workers, const Constants& constants);

/// What these numbers of workers would do with a job, if each had a core of its own, as quick as
/// the one on which the chunks were timed, and the host another. For pictures of machines that are
/// not there.
[[nodiscard]] std::vector<Prediction> predict(const Workload& work, std::span<const int> workers,
                                              Constants constants);

/// 1, 2, 4 and so on to 1024.
[[nodiscard]] std::vector<int> powers_of_two();

/// A one-way latency between two cores of a machine, as others have published it.
struct PublishedLine {
    std::string machine;
    double seconds = 0;  ///< the median of pairs of cores
    std::string source;
};

/// From a quick to a slow one: between them lie the machines of today.
[[nodiscard]] std::vector<PublishedLine> published_lines();

/// What a prediction takes for granted, a sentence each, for whoever shows one.
[[nodiscard]] std::vector<std::string> assumptions_of(const Constants& constants);

}  // namespace pinfold::apps
