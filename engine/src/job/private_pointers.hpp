#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

namespace pinfold::detail {

/// What lies at an address that a pool's workers do not share: "the stack", "the heap", "the
/// globals of FILE", "private memory", "memory that was mapped after the pool was made". Empty for
/// what they share, for what is no address, and where /proc cannot be read. `worker` has their
/// memory, or is 0 where they are threads.
///
/// Run time: a few nanoseconds for numbers that look like no address; else a system call, and some
/// 20 µs for the first look at a mapping.
[[nodiscard]] std::string unshared_memory_at(std::uintptr_t address, pid_t worker);

}  // namespace pinfold::detail
