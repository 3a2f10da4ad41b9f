#pragma once

#include <cstddef>
#include <pinfold/api.hpp>
#include <span>

namespace pinfold::shm {

/// Keeps private memory from the children that this process forks while the object lives: they have
/// nothing at its addresses. A fork copies the page tables of all that a child is to have, so this
/// makes it quick again beside large data that no child reads.
///
///     std::vector<double> table(1'000'000);
///     {
///         const pinfold::shm::HostOnlyMemory kept(std::as_writable_bytes(std::span(table)));
///         assert(kept.bytes().size() > 7'900'000);
///     }  // the table itself outlives it
///
/// Whole pages are kept back: up to a page at each end of `memory` is still copied. A child that
/// reads or writes the others ends by SIGSEGV, as a pool's worker does then with its chunk.
/// Children that were forked before, and all that they fork, are not affected.
///
/// Lifetime: the memory outlives the object. What is given back to the heap while it is marked may
/// be used for something that a child needs.
///
/// Thread-safety: any. Run time: a system call at each end, and the fork is quicker by some 40 ms
/// per GiB of small pages.
class PINFOLD_API HostOnlyMemory {
  public:
    /// Throws std::system_error when the system refuses, as for memory that is not mapped.
    explicit HostOnlyMemory(std::span<std::byte> memory);
    ~HostOnlyMemory();
    HostOnlyMemory(const HostOnlyMemory&) = delete;
    HostOnlyMemory& operator=(const HostOnlyMemory&) = delete;

    /// The pages that children do not get.
    [[nodiscard]] std::span<std::byte> bytes() const noexcept { return pages_; }

  private:
    std::span<std::byte> pages_;
};

}  // namespace pinfold::shm
