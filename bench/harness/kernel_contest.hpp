#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace bench {

/// Something that does a contest's work once and gives the answer as text.
struct Contestant {
    std::string name;
    std::function<std::string()> run;
};

/// The same work by a peer, in one or several ways that come first, and by pinfold.
struct KernelContest {
    std::string name;
    int repeats = 5;
    std::vector<Contestant> contestants;
    std::size_t peers = 1;  ///< how many of them are the peer's ways

    /// Where the calling thread is bound meanwhile, or -1. Two CPUs of a shared machine may differ
    /// by a third for minutes, so a peer of one thread runs where the worker does.
    int cpu = -1;
};

/// Registers a Google Benchmark case for each contestant, named <contest>/<contestant>.
///
/// All of them run in turn, `repeats` times round, so that what else the machine does hits them
/// alike; an answer that differs from the first one's ends the program. A case's counters are its
/// median in milliseconds and vs_peer, its ratio to the median of the peer's quickest way.
void enter(KernelContest contest);

/// Says in the bench's context which level the kernels run.
void add_kernel_context();

}  // namespace bench
