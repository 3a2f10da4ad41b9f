#pragma once

#include <array>

namespace pinfold::detail {

/// The thread pools of runtimes that maps use inside: OpenMP, OpenBLAS, MKL. In workers they have
/// one thread each, unless the user chose a number by the runtime's environment variable.
///
/// The runtimes read those variables when they are loaded, long before the fork, so only their own
/// calls help. Made in the host, which looks the calls up; a runtime that is not loaded has none.
class InnerPools {
  public:
    InnerPools();

    /// In a worker, on the thread that runs its maps.
    void limit() const noexcept;

  private:
    std::array<void (*)(int), 3> set_threads_{};
};

}  // namespace pinfold::detail
