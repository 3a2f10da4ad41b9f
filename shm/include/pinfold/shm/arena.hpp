#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <pinfold/api.hpp>
#include <pinfold/shm/memory_budget.hpp>
#include <pinfold/shm/same_value.hpp>
#include <span>

namespace pinfold::shm {

class Heap;

namespace detail {
class ArrayOwner;
}  // namespace detail

/// What an array holds.
struct ElementType {
    std::size_t bytes = 1;
    SameValue same = nullptr;  ///< see same_value()
};

/// The elements of an array, without their type.
struct ArrayBytes {
    std::byte* data = nullptr;
    std::size_t bytes = 0;
    ElementType type;
};

/// How the pages of a large block, one of 1 MiB or more, come into memory. Smaller blocks share
/// pages that stay, so nothing of this holds for them.
struct BlockPages {
    /// Called with the block's pages before any of them is brought in: it may ask for their NUMA
    /// nodes. The arena takes that back with the block. Empty asks for nothing.
    std::function<void(std::span<std::byte>)> place{};

    /// Whoever touches a page first brings it in; see Arena::allocate_untouched().
    bool untouched = false;

    /// Advise huge pages for the block, whatever ArenaOptions::huge_pages says.
    bool huge = false;
};

struct ArenaOptions {
    /// Address space to reserve. 0 takes as much as the machine has memory, halved until the system
    /// accepts it.
    std::size_t bytes = 0;

    /// Advise huge pages for large blocks. A kernel that offers none for shared memory gives small
    /// pages.
    bool huge_pages = false;

    /// Says how much more memory the program may take. The arena asks before it takes memory beyond
    /// its first MiB, from whichever thread allocates. The default knows the machine and no
    /// cgroups: a program that may run in a container gives a function that knows them, as a Pool
    /// does.
    std::function<MemoryBudget()> budget = available_memory;

    /// Parties of a heap beside the arena's own blocks, from which each of them takes blocks: see
    /// Heap. 0 makes none. It has as much address space as the arena's own blocks, 1 MiB at least.
    std::size_t heap_parties = 0;
};

/// One reservation of memory that every process forked later sees at the same address.
///
/// It is a sparse memfd: it has no name that could leak, costs nothing until it is used, is left
/// out of core dumps, and vanishes with the last process that maps it. The process that made it
/// hands out the blocks; the others read and write them.
///
///     pinfold::shm::Arena arena({.bytes = std::size_t{1} << 20});
///     auto* const number = static_cast<int*>(arena.allocate(sizeof(int)));
///     const pid_t child = fork();
///     if (child == 0) {
///         *number = 7;
///         _exit(0);
///     }
///     waitpid(child, nullptr, 0);
///     assert(*number == 7);
///     arena.deallocate(number);
///
/// Memory: beyond the first MiB, a block is checked against the budget, then brought into memory,
/// then handed out. Another program may take the memory between the first two; then the system's
/// own rules decide. A program that locks its future memory, by mlockall(MCL_FUTURE), does not lock
/// its arenas by that: mlock() a block that must not be swapped out. mlockall(MCL_CURRENT) beside
/// an arena brings in all of its reservation: give `bytes` then. Run time: a few microseconds for a
/// block below 1 MiB in memory that was used before. For a larger one, the system's time to find
/// and clear its pages: 0.25 to 0.8 s/GiB. Thread-safety: all members, in the process that made it.
/// Fork: children share the memory. In them allocate() throws std::logic_error, deallocate() does
/// nothing, and the destructor only unmaps.
class PINFOLD_API Arena {
    enum class NoOptions {};  // what {} is before it is anything of ours

  public:
    /// Reserves at least `options.bytes` for blocks. Throws std::system_error that names the size
    /// when the system has no address space (ulimit -v), no memfd, or a lower file size limit
    /// (ulimit -f); std::invalid_argument for an empty `options.budget`.
    explicit Arena(ArenaOptions options = {});
    explicit Arena(NoOptions) : Arena() {}
    ~Arena();
    Arena(const Arena&) = delete;
    Arena& operator=(const Arena&) = delete;

    /// A block of zeros, in memory already: touching it cannot fail. 0 bytes give a valid pointer.
    /// Throws std::system_error (ENOMEM) that names both sizes when the budget or the reservation
    /// has less; std::invalid_argument unless `alignment` is a power of two up to
    /// 4096.
    [[nodiscard]] void* allocate(std::size_t bytes, std::size_t alignment = 64);

    /// The same, but a block of 1 MiB or more is brought in by whoever touches it first: that
    /// spreads the time over the workers, and lays each page on the NUMA node of its worker. The
    /// block is checked against the budget now. If another program has taken the memory by the
    /// first touch, the system's own rules decide.
    [[nodiscard]] void* allocate_untouched(std::size_t bytes, std::size_t alignment = 64);

    /// The same, with what is asked for the pages of a block of 1 MiB or more. Throws also what
    /// `pages.place` throws.
    [[nodiscard]] void* allocate(std::size_t bytes, std::size_t alignment, const BlockPages& pages);

    /// A block that can be made larger, and how large it is.
    struct Room {
        std::byte* data = nullptr;
        std::size_t bytes = 0;
    };

    /// A block of `wanted` bytes, or of as many as there is room for, `least` at least. It takes
    /// address space alone: bring_in() makes memory of it, part by part. Throws as allocate() does
    /// where the reservation has less.
    [[nodiscard]] Room allocate_room(std::size_t least, std::size_t wanted,
                                     std::size_t alignment = 64);

    /// Makes such a block larger, in the same way: where it lies if there is room behind it, else
    /// at another place, to which its first `kept` bytes are moved. A move holds no more memory
    /// than both parts and 64 MiB. When it throws, the block has its old size; its bytes are lost
    /// if memory was short amid a move.
    [[nodiscard]] Room grow(void* block, std::size_t kept, std::size_t least, std::size_t wanted);

    /// Brings bytes of such a block into memory, after a look at the budget; their content is
    /// unspecified. Throws std::system_error (ENOMEM) that names both sizes when there is less.
    void bring_in(void* data, std::size_t bytes);

    /// Gives back what such a block has behind its first `bytes`.
    void shrink(void* block, std::size_t bytes) noexcept;

    /// Takes a block back, also one of the heap. A block of 1 MiB or more returns to the system at
    /// once; the memory of a smaller one is kept for the next. Ignores nullptr. Anything else that
    /// allocate() did not give, or that was given back before, ends the program.
    void deallocate(void* block) noexcept;

    /// Whether all of [data, data + bytes) lies in the reservation, or in the heap's.
    [[nodiscard]] bool contains(const void* data, std::size_t bytes = 0) const noexcept;

    /// The size of the reservation, without the heap's. A little of it is the allocator's own.
    [[nodiscard]] std::size_t reserved_bytes() const noexcept;

    /// Bytes handed out now, also those of the heap. Large blocks are counted in whole pages.
    [[nodiscard]] std::size_t used_bytes() const noexcept;

    /// The heap whose blocks all parties take and give back; nullptr when none was asked for.
    [[nodiscard]] Heap* heap() const noexcept;

    /// Calls `use` for each Array that lives in the arena, in an order of its own. Empty in a
    /// child. No array may end meanwhile whose elements `use` touches.
    void for_each_array(const std::function<void(const ArrayBytes&)>& use) const;

  private:
    friend class detail::ArrayOwner;
    struct Impl;

    [[nodiscard]] void* allocate_elements(std::size_t bytes, std::size_t alignment,
                                          const ElementType& type, const BlockPages& pages);
    void note_elements(void* block, std::size_t bytes, const ElementType& type);

    std::unique_ptr<Impl> impl_;
};

}  // namespace pinfold::shm
