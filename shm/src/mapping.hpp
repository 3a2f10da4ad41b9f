#pragma once

#include <cstddef>
#include <span>

namespace pinfold::shm {

/// A sparse range of zeros that forked processes share: a memfd without a name, mapped whole.
///
/// The descriptor is closed at once, since the mapping keeps the memory: a pool costs no descriptor
/// and its children inherit none. Thread-safety: all members.
class Mapping {
  public:
    /// Reserves `bytes`, rounded up to pages. Throws std::system_error that names them.
    explicit Mapping(std::size_t bytes);

    /// So many times as much as the machine has memory, halved until the system accepts it.
    static Mapping as_large_as_memory(std::size_t times = 1);

    ~Mapping();
    Mapping(Mapping&& other) noexcept;
    Mapping& operator=(Mapping&&) = delete;

    [[nodiscard]] std::span<std::byte> bytes() const noexcept { return bytes_; }

    /// Asks for huge pages; a kernel that offers none for shared memory ignores it.
    void advise_huge_pages(std::span<std::byte> part) const noexcept;

    /// Asks for pages of the usual size from now on.
    void advise_small_pages(std::span<std::byte> part) const noexcept;

    /// Whether every page of `part` is in memory. A kernel that does not tell says false.
    [[nodiscard]] bool is_present(std::span<std::byte> part) const;

    /// Brings every page of `part` into memory without changing what others may be writing there.
    /// Throws std::system_error when the kernel has none.
    void populate(std::span<std::byte> part) const;

    /// Gives the whole pages inside `part` back to the system; they then read as zeros. Returns
    /// false, and changes nothing, where the system refuses (memory locked by mlockall()).
    bool discard(std::span<std::byte> part) const noexcept;

  private:
    std::span<std::byte> bytes_;
};

}  // namespace pinfold::shm
