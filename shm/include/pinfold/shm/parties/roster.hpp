#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <pinfold/api.hpp>
#include <pinfold/shm/parties/token.hpp>
#include <pinfold/shm/party.hpp>
#include <span>

namespace pinfold::shm {

class Heap;

namespace detail {
class Name;
struct Seat;
}  // namespace detail

class BarrierWord;
class PipeWord;

/// The most seats that a roster can have.
inline constexpr std::uint32_t most_seats = 4094;

/// Who takes part in shared objects, thread by thread, and what a burial must know of each.
///
/// A thread has a seat: a line in shared memory. In it the thread names each word before it writes
/// itself into that word, and the bell that it sleeps on before it looks for the last time. So
/// whoever finds a process dead undoes what its threads were in, by their names alone, and nothing
/// in shared memory speaks of a dead one after its burial.
///
/// A seat is taken at a thread's first use of the roster, and given up at the thread's end. A
/// thread that ends while it holds something is buried like a process.
///
/// Nobody guesses a death. bury() is for whoever reaped the process, or was told by its pidfd. A
/// process that is stopped or slow loses nothing.
///
/// A process that was forked without being registered has no place: its threads get no seat.
///
///     pinfold::shm::Arena arena({.bytes = std::size_t{1} << 20});
///     void* const place = arena.allocate(pinfold::shm::Roster::bytes_for(4));
///     pinfold::shm::Roster& roster = pinfold::shm::Roster::make(place, 4);
///     static_cast<void>(roster.seat());
///     std::thread([&] { static_cast<void>(roster.seat()); }).join();
///     assert(roster.taken_seats() == 1);  // the other thread has left
///     roster.close();
///
/// Thread-safety: all members; make() and close() are for one thread alone. Fork: a child enters
/// under the number that its parent has for it, before it does anything else here.
class PINFOLD_API Roster {
  public:
    Roster(const Roster&) = delete;
    Roster& operator=(const Roster&) = delete;

    /// How much memory one takes.
    [[nodiscard]] static std::size_t bytes_for(std::uint32_t seats) noexcept;

    /// Makes one in shared memory of zeros, aligned to a cache line; the caller is its process 0.
    /// Throws std::invalid_argument for no seats and for more than `most_seats`.
    [[nodiscard]] static Roster& make(void* memory, std::uint32_t seats);

    /// Words may have blocks of this heap. The threads of process `p` take and free them as its
    /// party `first` + p, those of process 0 as party 0. Before any process is forked.
    void use_heap(Heap& heap, PartyNumber first) noexcept {
        heap_ = &heap;
        first_party_ = first;
    }

    /// nullptr where words have no blocks.
    [[nodiscard]] Heap* heap() const noexcept { return heap_; }
    [[nodiscard]] PartyNumber party_of(ProcessNumber process) const noexcept {
        return process == 0 ? 0 : first_party_ + process;
    }

    /// Ends the part that the calling process has in it: its threads forget their seats. For its
    /// maker, before the memory goes.
    void close() noexcept;

    /// The calling process, forked just now, is that of this number. It takes part in no other
    /// roster that it has a copy of.
    void enter(ProcessNumber process) noexcept;

    /// Whether the calling process takes part.
    [[nodiscard]] bool is_entered() const noexcept;

    /// The calling thread's own. Throws std::logic_error in a process that takes no part, and
    /// std::system_error (resource_unavailable_try_again) when all seats are taken. Run time: some
    /// nanoseconds, after the first call of a thread.
    [[nodiscard]] detail::Seat& seat();

    /// No other roster that this process knows has it, or had.
    [[nodiscard]] std::uint64_t serial() const noexcept { return serial_; }

    /// Undoes what a dead process's threads were in, gives up their seats, and buries its party of
    /// the heap. May be called again after a burial that did not come to its end.
    void bury(ProcessNumber process) noexcept;

    /// Nobody buries any more, so no wait may go on: all who sleep wake, and find is_broken().
    void break_up() noexcept;

    [[nodiscard]] bool is_broken() const noexcept {
        return is_broken_.load(std::memory_order_seq_cst);
    }

    /// Whether a light fence is enough between a change and a look at who sleeps on it. Then
    /// whoever is about to sleep passes a heavy one; see asymmetric_fence.hpp.
    [[nodiscard]] bool has_light_fences() const noexcept {
        return has_light_fences_.load(std::memory_order_relaxed);
    }

    /// Whether a thread is at a word in that memory, or sleeps on one. After a heavy fence it sees
    /// whoever came before that.
    [[nodiscard]] bool is_anyone_at(const void* block, std::size_t bytes) const noexcept;

    /// Whether the thread of that seat names the word so.
    [[nodiscard]] bool is_named_at(std::uint32_t seat, const detail::Name& name) const noexcept;

    /// Burials of processes are told to the word, until it is removed. For its maker's process. A
    /// burial may be at it still: see is_anyone_at().
    void add(PipeWord& pipe) noexcept;
    void remove(PipeWord& pipe) noexcept;
    void add(BarrierWord& barrier) noexcept;
    void remove(BarrierWord& barrier) noexcept;

    /// How many threads have a seat.
    [[nodiscard]] std::size_t taken_seats() const noexcept;

    [[nodiscard]] std::uint32_t seats() const noexcept { return count_; }

    /// The process of whose thread a token speaks, to tell users.
    [[nodiscard]] int pid_of(detail::Token token) const noexcept;

  private:
    Roster(std::uint32_t seats, bool has_light_fences) noexcept;

    [[nodiscard]] detail::Seat* first_seat() const noexcept;
    /// Those that were ever taken: only they are in memory.
    [[nodiscard]] std::span<detail::Seat> used_seats() const noexcept;
    void raise_used(std::uint32_t least) noexcept;
    [[nodiscard]] detail::Seat& find_seat();
    [[nodiscard]] detail::Seat* take_seat(ProcessNumber process) noexcept;
    template <typename Use>
    void for_each_seat_of(ProcessNumber process, Use use) noexcept;
    void tell_lists(ProcessNumber dead) noexcept;

    const std::uint32_t count_;
    const std::uint64_t serial_;
    std::atomic<bool> has_light_fences_;
    std::atomic<bool> is_broken_{false};
    std::atomic<std::uint32_t> used_{0};
    Heap* heap_ = nullptr;
    PartyNumber first_party_ = 0;
    std::atomic<PipeWord*> pipes_{nullptr};
    std::atomic<BarrierWord*> barriers_{nullptr};
    std::atomic<bool> lists_are_taken_{false};        // by a thread of the maker
    std::atomic<std::uint32_t> burials_at_lists_{0};  // one that was cut off counts for ever
};

}  // namespace pinfold::shm
