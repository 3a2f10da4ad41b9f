#pragma once

// What a process, and each of its threads, knows of itself in rosters. A roster lies in shared
// memory, so this cannot lie there.
//
//     Membership ──── of the process: the rosters that it takes part in, under which numbers
//         └── ThreadSeats ── of each thread: its seats, which it leaves at its end
//
// A child has a copy of all this, with a lock that some thread of its parent may have held. So the
// copy is never touched: here() looks whose it is, and a child that does not begin anew takes part
// in nothing.

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <pinfold/shm/parties/roster.hpp>
#include <pinfold/shm/process_mark.hpp>
#include <vector>

#include "parties/seat.hpp"

namespace pinfold::shm::detail {

/// A seat that a thread has, and in which roster.
struct TakenSeat {
    std::uint64_t serial = 0;
    Roster* roster = nullptr;
    Seat* seat = nullptr;
};

/// The seat that the calling thread used last, so that most calls look at nothing else. No roster
/// has the serial 0, and no process this life.
struct LastSeat {
    std::uint64_t serial = 0;
    Seat* seat = nullptr;
    ProcessMark::Glance mark;

    [[nodiscard]] bool is_in(const Roster& roster) const noexcept {
        return serial == roster.serial() && mark.holds();
    }
};
// Found without a call, so that whoever takes a free word makes none: some 32 bytes of what the
// system keeps for libraries that are loaded late.
[[gnu::tls_model("initial-exec")]] extern constinit thread_local LastSeat last_seat;

/// Roster::seat(), without a call where the thread was at the same roster before.
[[nodiscard]] inline Seat& seat_in(Roster& roster) {
    const LastSeat& last = last_seat;
    return last.is_in(roster) ? *last.seat : roster.seat();
}

class ThreadSeats;

/// Thread-safety: all members but begin_anew(), which is for a child that has one thread.
class Membership {
  public:
    Membership() = default;
    Membership(const Membership&) = delete;
    Membership& operator=(const Membership&) = delete;

    /// That of the calling process, or nullptr where it has none.
    [[nodiscard]] static Membership* here() noexcept;

    /// The same; makes one in a process that has inherited none.
    [[nodiscard]] static Membership& of_host();

    /// In a child at its birth: it takes part in this roster alone. Takes no lock and no memory.
    static void begin_anew(std::uint64_t serial, ProcessNumber number) noexcept;

    void join(std::uint64_t serial, ProcessNumber number);
    [[nodiscard]] std::optional<ProcessNumber> number_in(std::uint64_t serial);

    /// Its threads forget their seats in that roster.
    void leave(std::uint64_t serial) noexcept;

    void add(ThreadSeats& thread);

    /// Buries the thread's seats in rosters that the process has not left, and forgets the thread.
    void remove(ThreadSeats& thread) noexcept;

    /// The process's threads share a party of the heap, which one of them uses at a time. A child
    /// that begins anew has another one.
    [[nodiscard]] std::mutex& heap_turn() noexcept { return heap_turn_; }

  private:
    friend class ThreadSeats;

    struct Part {
        std::uint64_t serial = 0;
        ProcessNumber number = 0;
    };

    const ProcessMark mark_ = mark_of_this_process();
    std::mutex heap_turn_;
    std::mutex mutex_;
    Part first_;  // so that a child's first part needs no memory
    std::vector<Part> others_;
    std::vector<ThreadSeats*> threads_;
};

/// The seats of one thread.
class ThreadSeats {
  public:
    explicit ThreadSeats(Membership& membership);
    ~ThreadSeats();
    ThreadSeats(const ThreadSeats&) = delete;
    ThreadSeats& operator=(const ThreadSeats&) = delete;

    /// Those of the calling thread, or nullptr when it is about to end.
    [[nodiscard]] static ThreadSeats* here(Membership& membership);

    [[nodiscard]] Seat* in(std::uint64_t serial) const noexcept;

    /// Notes a seat that the thread has now. Never throws after make_room().
    void make_room();
    void add(const TakenSeat& taken);

  private:
    friend class Membership;

    Membership& membership_;
    const ProcessMark mark_ = mark_of_this_process();
    std::vector<TakenSeat> seats_;  // under the membership's lock
};

}  // namespace pinfold::shm::detail
