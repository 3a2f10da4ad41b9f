#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace pinfold::testing {

/// One job of a timeline, as a reader of its file finds it.
struct CheckedJob {
    std::string crew;
    std::string outcome;
    std::uint64_t workers = 0;
    std::uint64_t restored = 0;
    std::uint64_t one_in = 1;
    std::uint64_t plan_chunks = 0;  // of all its runs

    // How many events of each kind.
    std::uint64_t chunks = 0;
    std::uint64_t threw = 0;
    std::uint64_t died = 0;  // with a chunk whose begin is known
    std::uint64_t deaths = 0;
    std::uint64_t waits = 0;
    std::uint64_t wakes = 0;
    std::uint64_t restarts = 0;
    std::uint64_t phases = 0;
    std::uint64_t folds = 0;

    std::vector<std::uint64_t> chunks_by_worker;
    std::vector<std::uint64_t> retried;  // the places of chunks of several attempts
};

/// A timeline in Chrome's format, parsed by a library that has no part in writing it.
///
/// What holds for each one is checked on the way, and what does not is an entry of `faults`: events
/// name a job and a track that exist; on a track time never goes back and nothing overlaps unless
/// it lies inside; all lies within its job; phases follow each other and have their chunks inside;
/// each chunk is told at most once, and is one of those that are kept. A complete job has them all.
struct CheckedTimeline {
    std::string name;
    std::vector<CheckedJob> jobs;
    std::uint64_t jobs_left_out = 0;
    bool thinned = false;
    std::vector<std::string> faults;
};

[[nodiscard]] CheckedTimeline check_timeline(const std::string& json);

/// The same of a file.
[[nodiscard]] CheckedTimeline check_timeline_file(const std::string& file);

}  // namespace pinfold::testing
