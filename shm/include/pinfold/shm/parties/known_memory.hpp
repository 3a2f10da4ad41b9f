#pragma once

#include <cstddef>
#include <pinfold/api.hpp>
#include <span>

namespace pinfold::shm {

/// Says that this process, and each that is forked from it while this lives, has some shared memory
/// at the same address. So a process can tell that an address is of memory which was mapped after
/// its own birth, in its parent: there it would end by SIGSEGV.
///
///     alignas(64) static std::byte bytes[128];
///     {
///         const pinfold::shm::KnownMemory known(bytes);
///         assert(pinfold::shm::KnownMemory::holds(bytes + 127));
///     }
///     assert(!pinfold::shm::KnownMemory::holds(bytes));
///
/// Thread-safety: all members. Fork: a child has a copy of what is known, which goes its own way.
/// Cost: a look at each part that is known; of more than 1024 at a time, all addresses are.
class PINFOLD_API KnownMemory {
  public:
    explicit KnownMemory(std::span<const std::byte> memory) noexcept;
    ~KnownMemory();
    KnownMemory(const KnownMemory&) = delete;
    KnownMemory& operator=(const KnownMemory&) = delete;

    /// Whether the address lies in memory that is known. May be called by a signal handler.
    [[nodiscard]] static bool holds(const void* address) noexcept;

  private:
    std::size_t place_;
};

}  // namespace pinfold::shm
