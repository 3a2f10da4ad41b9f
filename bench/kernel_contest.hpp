#pragma once

#include <functional>
#include <string>
#include <vector>

namespace bench {

/// Something that does a contest's work once and gives the answer as text.
struct Contestant {
    std::string name;
    std::function<std::string()> run;
};

/// The same work by a peer, which comes first, and by pinfold's kernels.
struct KernelContest {
    std::string name;
    int repeats = 5;
    std::vector<Contestant> contestants;
};

/// Registers a Google Benchmark case for each contestant, named <contest>/<contestant>.
///
/// All of them run in turn, `repeats` times round, so that what else the machine does hits them
/// alike; an answer that differs from the first one's ends the program. A case's counters are its
/// median in milliseconds and vs_first, its ratio to the first contestant's median.
void enter(KernelContest contest);

}  // namespace bench
