#pragma once

#include <pinfold/api.hpp>

// Whether ThreadSanitizer looks at this source, but not at the library. It then sees a host's and a
// worker's accesses, and nothing of what the engine does between them. Where the whole tree is
// built with it, it sees all, and being told more would hide faults of the engine.
#if !defined(PINFOLD_IS_SANITIZED)
#if defined(__SANITIZE_THREAD__)
#define PINFOLD_TELLS_RACE_CHECKER
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define PINFOLD_TELLS_RACE_CHECKER
#endif
#endif
#endif

#if defined(PINFOLD_TELLS_RACE_CHECKER)
extern "C" void __tsan_acquire(void* address);
extern "C" void __tsan_release(void* address);
#endif

namespace pinfold::detail {

#if defined(PINFOLD_TELLS_RACE_CHECKER)

// The checker orders what comes before a release after what follows an acquire of the same place.
inline char job_start_place;
inline char map_end_place;

inline void tell_job_starts() noexcept {
    __tsan_release(&job_start_place);
}
inline void tell_maps_ended() noexcept {
    __tsan_acquire(&map_end_place);
}
inline void tell_map_starts() noexcept {
    __tsan_acquire(&job_start_place);
}
inline void tell_map_ends() noexcept {
    __tsan_release(&map_end_place);
}
inline void tell_hand_over(void* place) noexcept {
    __tsan_release(place);
}
inline void tell_take_over(void* place) noexcept {
    __tsan_acquire(place);
}

#else

inline void tell_job_starts() noexcept {}
inline void tell_maps_ended() noexcept {}
inline void tell_map_starts() noexcept {}
inline void tell_map_ends() noexcept {}

/// What the calling thread did so far comes before what others do after a take-over of `place`.
inline void tell_hand_over(void* /*place*/) noexcept {}
inline void tell_take_over(void* /*place*/) noexcept {}

#endif

/// Stands while a map runs: what its host did before the job comes before it, and what it does
/// comes before the fold and the job's end.
struct [[nodiscard]] MapRuns {
    MapRuns() noexcept { tell_map_starts(); }
    ~MapRuns() { tell_map_ends(); }
    MapRuns(const MapRuns&) = delete;
    MapRuns& operator=(const MapRuns&) = delete;
};

/// Stands while the map of a phase runs, or one that follows phases: what the phases before it did
/// comes before it too.
struct [[nodiscard]] MapOfPhasesRuns : MapRuns {
    MapOfPhasesRuns() noexcept { tell_maps_ended(); }
};

/// Stands while a job runs, on its host's side.
struct [[nodiscard]] JobRuns {
    JobRuns() noexcept { tell_job_starts(); }
    ~JobRuns() { tell_maps_ended(); }
    JobRuns(const JobRuns&) = delete;
    JobRuns& operator=(const JobRuns&) = delete;
};

}  // namespace pinfold::detail
