#pragma once

#include "process/host_only.hpp"

namespace pinfold::detail {

struct Link;

/// How threads of the host call the keeper from its poll. Where the program closes the
/// descriptors, the poll ends too.
class Call {
  public:
    /// Throws std::system_error. To be made under the ForkLock.
    Call();

    void make() const noexcept;

    /// What to poll for input; negative once the program has closed a descriptor.
    [[nodiscard]] int number() const noexcept;

    /// Forgets the calls that were made.
    void take() const noexcept;

  private:
    explicit Call(Link link);

    HostOnly caller_;
    HostOnly listener_;
};

}  // namespace pinfold::detail
