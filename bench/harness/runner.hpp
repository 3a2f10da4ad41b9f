#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "harness/work.hpp"

namespace bench {

/// One way to run a job. Whoever of its parties runs chunks is bound to a CPU of its own, the same
/// as a pool's workers.
class Runner {
  public:
    virtual ~Runner() = default;
    virtual Partial run(const Work& work) = 0;

    /// The CPU to which the caller of run() has to be bound, since it runs chunks itself; -1 where
    /// it only waits.
    [[nodiscard]] virtual int caller_cpu() const { return -1; }

    /// What the last job took by the runner's own clock, where a call of run() is more than its
    /// job; negative where it is not.
    [[nodiscard]] virtual double own_seconds() const { return -1; }

    /// The chunks that each party ran in the last job; whoever asks does so after each job. Empty
    /// where there is only one party.
    [[nodiscard]] virtual std::vector<std::uint64_t> chunks_by_party() { return {}; }
};

using MakeRunner = std::function<std::unique_ptr<Runner>()>;

}  // namespace bench
