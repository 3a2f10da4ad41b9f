// Where nothing better is known: the C library's environment, which holds the flags of exceptions
// too. They are then those of the mode, and say nothing of what a map did.

#include "floating_mode.hpp"

namespace pinfold::detail {

FloatingMode FloatingMode::of_this_thread() noexcept {
    FloatingMode mode;
    std::fegetenv(&mode.state_);
    return mode;
}

void FloatingMode::follow_this_thread() noexcept {
    *this = of_this_thread();
}

void FloatingMode::apply_to_this_thread() const noexcept {
    std::fesetenv(&state_);
}

}  // namespace pinfold::detail
