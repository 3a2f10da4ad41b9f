#pragma once

// What a program's sanitizers cannot see by themselves, also where this library is built without
// them. ThreadSanitizer cannot see what one thread hands to another inside oneTBB, which comes
// without instrumentation: it is told here. Elsewhere these functions are absent, and nothing is
// done.
extern "C" void __tsan_release(void* address) __attribute__((weak));
extern "C" void __tsan_acquire(void* address) __attribute__((weak));

extern "C" void AnnotateIgnoreWritesBegin(const char* file, int line) __attribute__((weak));
extern "C" void AnnotateIgnoreWritesEnd(const char* file, int line) __attribute__((weak));

// LeakSanitizer takes for leaked what oneTBB frees later than a program may end.
extern "C" void __lsan_disable() __attribute__((weak));
extern "C" void __lsan_enable() __attribute__((weak));

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

/// The same by what this library's own atomics order: a program's checker sees nothing of them.
/// Where the library is built with the checker, it sees all, and being told would hide faults.
inline void hand_over_unseen([[maybe_unused]] void* place) noexcept {
#if !defined(PINFOLD_IS_SANITIZED)
    hand_over(place);
#endif
}
inline void take_over_unseen([[maybe_unused]] void* place) noexcept {
#if !defined(PINFOLD_IS_SANITIZED)
    take_over(place);
#endif
}

/// The checker sees what this library copies by memcpy, but not how it hands that to other threads.
/// While this stands, what the calling thread writes is no race. Where the library is built with
/// the checker nothing is hidden.
class NoRaces {
  public:
#if defined(PINFOLD_IS_SANITIZED)
    NoRaces() noexcept {}
    ~NoRaces() {}
#else
    NoRaces() noexcept {
        if (AnnotateIgnoreWritesBegin != nullptr) {
            AnnotateIgnoreWritesBegin(__FILE__, __LINE__);
        }
    }
    ~NoRaces() {
        if (AnnotateIgnoreWritesEnd != nullptr) {
            AnnotateIgnoreWritesEnd(__FILE__, __LINE__);
        }
    }
#endif
    NoRaces(const NoRaces&) = delete;
    NoRaces& operator=(const NoRaces&) = delete;
};

/// What the calling thread allocates while this stands is no leak.
class NoLeaks {
  public:
    NoLeaks() noexcept {
        if (is_told()) {
            __lsan_disable();
        }
    }
    ~NoLeaks() {
        if (is_told()) {
            __lsan_enable();
        }
    }
    NoLeaks(const NoLeaks&) = delete;
    NoLeaks& operator=(const NoLeaks&) = delete;

  private:
    static bool is_told() noexcept { return __lsan_disable != nullptr && __lsan_enable != nullptr; }
};

}  // namespace pinfold::detail
