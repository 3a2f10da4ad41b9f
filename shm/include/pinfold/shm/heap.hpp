#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <pinfold/api.hpp>
#include <pinfold/shm/party.hpp>
#include <string>

namespace pinfold::shm {

/// A heap that has no room, or no memory, for a block. Nothing is lost, and smaller blocks may be
/// had.
///
///     try {
///         throw pinfold::shm::HeapFull(100, 60, "its reservation");
///     } catch (const std::bad_alloc& full) {
///         assert(std::string(full.what()) ==
///                "the shared heap cannot give 100 bytes: its reservation leaves 60");
///     }
class PINFOLD_API HeapFull : public std::bad_alloc {
  public:
    /// Makes no use of memory, of which there may be none. A long name of the limit is cut.
    HeapFull(std::size_t asked_bytes, std::size_t left_bytes, const char* limit) noexcept;

    /// Names the size asked for, the limit, and what that leaves.
    [[nodiscard]] const char* what() const noexcept override { return text_.data(); }

    [[nodiscard]] std::size_t asked_bytes() const noexcept { return asked_bytes_; }
    [[nodiscard]] std::size_t left_bytes() const noexcept { return left_bytes_; }

  private:
    std::size_t asked_bytes_;
    std::size_t left_bytes_;
    std::array<char, 240> text_;
};

/// Blocks of shared memory that every party may take and give back, whoever took them, and that no
/// death can tear: at whatever step a process is killed, what it had is found and freed, and all
/// others go on. An Arena makes one beside its own blocks, see ArenaOptions::heap_parties.
///
/// Party 0 is the process that made the arena, and is never buried; the others are numbered as the
/// program likes. A party *holds* what it allocates, until it gives that over: then the block is
/// reachable from what others know, and stays whatever becomes of the party.
///
///     pinfold::shm::Arena arena({.bytes = std::size_t{1} << 24, .heap_parties = 2});
///     pinfold::shm::Heap& heap = *arena.heap();
///     auto* const answer = static_cast<std::atomic<int*>*>(arena.allocate(sizeof(int*)));
///     const pid_t child = fork();
///     if (child == 0) {
///         static_cast<void>(heap.allocate(1, 1000));  // will be buried with its party
///         auto* const number = static_cast<int*>(heap.allocate(1, sizeof(int)));
///         *number = 42;
///         answer->store(number);
///         _exit(0);
///     }
///     waitpid(child, nullptr, 0);
///     const bool is_published = answer->load() != nullptr;
///     heap.bury(1, is_published);
///     assert(*answer->load() == 42);
///
/// Memory: a block up to 32 KiB takes up to half as much again as was asked for, up to 31 bytes
/// beside; a larger one takes whole pages, of a run of 64 KiB units. All of it is in memory before
/// the call returns, checked against the arena's budget as the arena's blocks are, so that writing
/// it can neither raise SIGBUS nor run out of memory. What is given back stays for the next blocks;
/// of 1 MiB and more it returns to the system at once, and all of it does as soon as memory runs
/// short. An unused heap costs a page, and 5 cache lines a party.
///
/// Thread-safety: different parties, any member at any time. Party 0: any thread of the process
/// that made the arena. Another party: one thread at a time. Nobody waits for another party; two
/// threads of party 0 wait for each other in allocate().
///
/// Fork: a child takes part under the number that its parent has for it, one process a number. A
/// process that was forked for something else may read and write blocks, and calls nothing here.
///
/// Run time: some 50 ns for a small block and some 5 µs for a run, taken and freed, in memory that
/// was used before (heap_bench); for memory that was not, the system's time to find and clear
/// pages, 0.25 to 0.8 s/GiB.
class PINFOLD_API Heap {
  public:
    /// How many blocks a party can hold at a time.
    static constexpr std::size_t most_held = 8;

    ~Heap();
    Heap(const Heap&) = delete;
    Heap& operator=(const Heap&) = delete;

    /// A block for `party`, which holds it then; party 0 holds nothing and cannot lose it. Its
    /// content is unspecified. 0 bytes give a valid pointer. Throws HeapFull; std::logic_error for
    /// a party that holds `most_held` blocks; std::invalid_argument for a number that is no
    /// party's, and unless `alignment` is a power of two up to 4096.
    [[nodiscard]] void* allocate(PartyNumber party, std::size_t bytes, std::size_t alignment = 16);

    /// What the party holds can be found by others from now on, so it holds nothing any more. Run
    /// time: one store.
    void give_over(PartyNumber party) noexcept;

    /// The same for one of the blocks that the party holds. Run time: two stores.
    void give_over(PartyNumber party, void* block) noexcept;

    /// Takes a block that was given over into the party's hands again, before it makes it
    /// unreachable for all others and frees it: so its death in between loses nothing. For whoever
    /// alone may free the block, in the party or in place of a dead one, and holds fewer than
    /// `most_held`. Of party 0 it does nothing.
    void hold(PartyNumber party, void* block) noexcept;

    /// Whether the party holds the block.
    [[nodiscard]] bool holds(PartyNumber party, const void* block) const noexcept;

    /// Frees what the party holds.
    void drop_held(PartyNumber party) noexcept;

    /// Takes back, from any party, a block that was given over, or that the party itself holds.
    /// Ignores nullptr. Anything else that allocate() did not give, or that was given back before,
    /// ends the program.
    void deallocate(PartyNumber party, void* block) noexcept;

    /// Clears up after the death of a party, once its process is gone and before another one takes
    /// its number: completes or undoes what it was in the middle of, and frees what it held, unless
    /// `is_published` says that others can find that. Its successor goes on where it was. May be
    /// called again after a burial that did not come to its end. Run time: grows with what the dead
    /// party held and was doing, and with nothing else.
    void bury(PartyNumber party, bool is_published) noexcept;

    /// Bytes handed out now, as what is true of each block says: no count beside it can be wrong.
    /// Run time: some 10 ns per 64 KiB that were ever in use.
    [[nodiscard]] std::size_t used_bytes() const noexcept;

    /// Address space for blocks.
    [[nodiscard]] std::size_t reserved_bytes() const noexcept;

    /// How many parties it was made for.
    [[nodiscard]] std::size_t parties() const noexcept;

  private:
    friend class Arena;
    struct Impl;

    explicit Heap(std::unique_ptr<Impl> impl) noexcept;

    std::unique_ptr<Impl> impl_;
};

}  // namespace pinfold::shm
