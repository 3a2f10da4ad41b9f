#pragma once

#include <span>
#include <vector>

namespace pinfold::affinity {

/// Binds the calling thread to these CPUs, or to one; threads and processes that it starts inherit
/// that. Allocates nothing, so a forked child may call it at once.
///
/// Throws std::system_error that names the CPUs when the system refuses: EINVAL when all of them
/// are offline, do not exist or lie outside this process's cpuset. (Linux passes over some of
/// several.)
void bind_this_thread(std::span<const int> cpus);
void bind_this_thread(int cpu);

/// The CPUs that the calling thread may run on, ascending, as the system tells now.
/// Throws std::system_error when it does not.
[[nodiscard]] std::vector<int> bound_cpus();

/// Binds the calling thread to one CPU for a scope, then gives it back the CPUs it had.
///
/// Thread-safety: must end in the thread that made it. A mask that the system no longer accepts at
/// the end, because a cpuset changed meanwhile, is left as it is.
class ScopedBinding {
  public:
    explicit ScopedBinding(int cpu);
    ~ScopedBinding();
    ScopedBinding(const ScopedBinding&) = delete;
    ScopedBinding& operator=(const ScopedBinding&) = delete;

  private:
    std::vector<int> before_;
};

}  // namespace pinfold::affinity
