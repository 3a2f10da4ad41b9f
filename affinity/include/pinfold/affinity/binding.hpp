#pragma once

#include <pinfold/api.hpp>
#include <span>
#include <vector>

namespace pinfold::affinity {

/// Binds the calling thread to these CPUs, or to one. Threads and processes that it starts inherit
/// the binding. It allocates nothing, so a forked child may call it at once.
///
/// Throws std::system_error that names the CPUs, and the way out, when the system refuses: EINVAL
/// when every one of them is offline, does not exist or lies outside this process's cpuset. Linux
/// leaves such CPUs out silently as long as one is left.
PINFOLD_API void bind_this_thread(std::span<const int> cpus);
PINFOLD_API void bind_this_thread(int cpu);

/// Binds the calling thread to `cpu` if that CPU is there. Returns false, and leaves the thread as
/// it is, when the CPU is offline or outside of this process's cpuset. Throws std::system_error
/// when the system lets nobody bind.
PINFOLD_API bool bind_this_thread_if_there(int cpu);

/// Throws std::system_error when the system lets nobody bind, as a container's filter may.
/// Cost: some 15 µs until it has once succeeded.
PINFOLD_API void require_binding();

/// Whether the calling thread runs on `cpu` at this moment. Cost: some nanoseconds.
[[nodiscard]] PINFOLD_API bool runs_on(int cpu) noexcept;

/// The one CPU that the calling thread may run on, or -1 when there are several or the system does
/// not tell. The system is asked at each call: it takes a binding back when its CPU goes away.
[[nodiscard]] PINFOLD_API int bound_cpu() noexcept;

/// The CPUs that the calling thread may run on, ascending. The system is asked at each call.
/// Throws std::system_error when it does not tell.
[[nodiscard]] PINFOLD_API std::vector<int> bound_cpus();

/// Binds the calling thread to one CPU for a scope, then gives it back the CPUs it had.
///
///     const auto before = pinfold::affinity::bound_cpus();
///     {
///         const pinfold::affinity::ScopedBinding here(before.front());
///         assert(pinfold::affinity::bound_cpus().size() == 1);
///     }
///     assert(pinfold::affinity::bound_cpus() == before);
///
/// When the system no longer accepts these CPUs at the end, because a cpuset changed meanwhile, the
/// thread stays where it is. Thread-safety: must end in the thread that made it.
class PINFOLD_API ScopedBinding {
  public:
    explicit ScopedBinding(int cpu);
    ~ScopedBinding();
    ScopedBinding(const ScopedBinding&) = delete;
    ScopedBinding& operator=(const ScopedBinding&) = delete;

  private:
    std::vector<int> before_;
};

}  // namespace pinfold::affinity
