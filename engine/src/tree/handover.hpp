#pragma once

// ThreadSanitizer cannot see what one thread hands to another inside oneTBB, which comes without
// instrumentation: it is told here. Elsewhere these functions are absent, and nothing is done.
extern "C" void __tsan_release(void* address) __attribute__((weak));
extern "C" void __tsan_acquire(void* address) __attribute__((weak));

namespace pinfold::detail {

/// What the calling thread did so far comes before what others do after taking over `place`, by
/// TBB's doing.
inline void hand_over(void* place) noexcept {
    if (__tsan_release != nullptr) {
        __tsan_release(place);
    }
}

/// The other side of hand_over().
inline void take_over(void* place) noexcept {
    if (__tsan_acquire != nullptr) {
        __tsan_acquire(place);
    }
}

}  // namespace pinfold::detail
