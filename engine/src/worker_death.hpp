#pragma once

#include <cstdint>

namespace pinfold::detail {

/// Whether a map of a worker found no memory; such a worker is to end, which is no death.
enum class MemoryLack : std::uint8_t {
    none,
    after_others,    // that may have filled its memory: the chunk's attempt does not count
    from_the_start,  // the chunk was the worker's first
};

/// How a worker's process ended.
struct WorkerDeath {
    int pid = 0;
    int wait_status = 0;         // as from waitpid()
    bool past_deadline = false;  // it was killed for it
};

}  // namespace pinfold::detail
