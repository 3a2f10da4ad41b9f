#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <pinfold/shm/shareable.hpp>
#include <span>

namespace pinfold::shm {

struct ArenaOptions {
    /// Address space to reserve; 0 takes the machine's memory, halved until mmap accepts it.
    std::size_t bytes = 0;

    /// Advise huge pages for large blocks where the kernel offers them for shared memory; without
    /// them the arena works on small pages.
    bool huge_pages = false;
};

/// One reservation of memory that every process forked later sees at the same address.
///
/// It is a sparse memfd: it has no name that could leak, costs nothing until used, is left out of
/// core dumps and vanishes with the last process that maps it. Blocks are handed out by the process
/// that made it; workers only read and write them.
///
/// Thread-safety: all members, in the making process. Fork: children share the memory; they must not
/// allocate or deallocate.
class Arena {
  public:
    /// Throws std::system_error that names the size when the system has no address space or memfd.
    explicit Arena(ArenaOptions options = {});
    ~Arena();
    Arena(const Arena&) = delete;
    Arena& operator=(const Arena&) = delete;

    /// A block of zeros, in memory already: touching it cannot fail. `alignment` is a power of two
    /// up to 4096. Throws std::system_error (ENOMEM) that names both sizes when the machine, a memory
    /// cgroup or the reservation has less; 0 bytes give a valid pointer.
    [[nodiscard]] void* allocate(std::size_t bytes, std::size_t alignment = 64);

    /// Takes a block back; large ones return to the system at once. nullptr is ignored.
    void deallocate(void* block) noexcept;

    /// Whether all of [data, data + bytes) lies in the reservation.
    [[nodiscard]] bool contains(const void* data, std::size_t bytes = 0) const noexcept;

    [[nodiscard]] std::size_t reserved_bytes() const noexcept;

    /// Bytes handed out at the moment, without the allocator's own.
    [[nodiscard]] std::size_t used_bytes() const noexcept;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace pinfold::shm
