#pragma once

#include <memory>
#include <pinfold/api.hpp>
#include <type_traits>

namespace pinfold::detail {

class FutureState;

/// A call of a function object that outlives it. Catching is compiled code's: a user's source may
/// be built without exceptions. Not for users.
class PINFOLD_API CallOf {
  public:
    template <typename F>
    requires(!std::is_same_v<F, CallOf>) CallOf(const F& function)
    noexcept
        : call_([](const void* f) { (*static_cast<const F*>(f))(); }),
          function_(std::addressof(function)) {}
    void operator()() const { call_(function_); }

  private:
    void (*call_)(const void*);
    const void* function_;
};

/// Calls `make`, which sets the value of `state` and fulfils it. What it throws is what `state`
/// fails with.
PINFOLD_API void make_or_fail(FutureState& state, CallOf make) noexcept;

}  // namespace pinfold::detail
