#include <unistd.h>

#include <algorithm>
#include <new>
#include <pinfold/shm/asymmetric_fence.hpp>
#include <pinfold/shm/heap.hpp>
#include <pinfold/shm/parties/barrier_word.hpp>
#include <pinfold/shm/parties/pipe_word.hpp>
#include <pinfold/shm/parties/roster.hpp>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>

#include "parties/membership.hpp"
#include "parties/seat_burial.hpp"

namespace pinfold::shm {

namespace {

using detail::last_seat;
using detail::Membership;
using detail::Seat;
using detail::ThreadSeats;
using detail::whole_lines;

static_assert(most_seats < 1U << detail::seat_bits);

// A child goes on from its parent's, so a roster of its own has another one than those that it has
// inherited.
std::atomic<std::uint64_t> rosters_made{0};

/// Each copy of this library in a process counts for itself, from a start that its own address
/// gives (the mixing of splitmix64, which is one to one): no two rosters of a process have the same
/// serial, and none has 0.
std::uint64_t next_serial() noexcept {
    auto start = std::uint64_t{reinterpret_cast<std::uintptr_t>(&rosters_made)};
    start = (start ^ (start >> 30)) * 0xbf58476d1ce4e5b9U;
    start = (start ^ (start >> 27)) * 0x94d049bb133111ebU;
    start ^= start >> 31;
    return (start + 2 * rosters_made.fetch_add(1, std::memory_order_relaxed)) | 1;
}

/// A thread of the roster's maker changes a list of words. A lock of threads that end together.
class TurnOfMaker {
  public:
    explicit TurnOfMaker(std::atomic<bool>& is_taken) noexcept : is_taken_(is_taken) {
        while (is_taken_.exchange(true, std::memory_order_acquire)) {
            std::this_thread::yield();
        }
    }
    ~TurnOfMaker() { is_taken_.store(false, std::memory_order_release); }
    TurnOfMaker(const TurnOfMaker&) = delete;
    TurnOfMaker& operator=(const TurnOfMaker&) = delete;

  private:
    std::atomic<bool>& is_taken_;
};

template <typename Word>
void put_into(std::atomic<Word*>& list, Word& word, std::atomic<Word*>& next) noexcept {
    next.store(list.load(std::memory_order_relaxed), std::memory_order_relaxed);
    list.store(&word, std::memory_order_release);
}

template <typename Word>
void take_from(std::atomic<Word*>& list, Word& word, std::atomic<Word*> Word::*next) noexcept {
    std::atomic<Word*>* place = &list;
    while (place->load(std::memory_order_relaxed) != &word) {
        place = &(place->load(std::memory_order_relaxed)->*next);
    }
    place->store((word.*next).load(std::memory_order_relaxed), std::memory_order_release);
}

}  // namespace

std::size_t Roster::bytes_for(std::uint32_t seats) noexcept {
    return whole_lines(sizeof(Roster)) + seats * sizeof(Seat);
}

Roster::Roster(std::uint32_t seats, bool has_light_fences) noexcept
    : count_(seats), serial_(next_serial()), has_light_fences_(has_light_fences) {}

Roster& Roster::make(void* memory, std::uint32_t seats) {
    if (seats == 0 || seats > most_seats) {
        throw std::invalid_argument("a space has 1 to " + std::to_string(most_seats) +
                                    " seats for threads, not " + std::to_string(seats));
    }
    Membership& membership = Membership::of_host();
    // Before a child or a thread is there that could miss it.
    const bool has_light_fences = receive_heavy_fences();
    auto* const roster = new (memory) Roster(seats, has_light_fences);
    membership.join(roster->serial_, 0);
    return *roster;
}

void Roster::close() noexcept {
    if (Membership* const membership = Membership::here()) {
        membership->leave(serial_);
    }
}

void Roster::enter(ProcessNumber process) noexcept {
    if (!receive_heavy_fences()) {
        // Nothing of this process is asked to look yet.
        has_light_fences_.store(false, std::memory_order_seq_cst);
    }
    Membership::begin_anew(serial_, process);
}

bool Roster::is_entered() const noexcept {
    Membership* const membership = Membership::here();
    return membership != nullptr && membership->number_in(serial_).has_value();
}

detail::Seat& Roster::seat() {
    Seat& found = find_seat();
    last_seat = {serial_, &found, mark_of_this_process().at_a_glance()};
    return found;
}

detail::Seat& Roster::find_seat() {
    Membership* const membership = Membership::here();
    const auto process = membership == nullptr ? std::nullopt : membership->number_in(serial_);
    if (!process) {
        throw std::logic_error("process " + std::to_string(getpid()) +
                               " takes no part in this object's space: it was forked by the "
                               "program, or is a worker or a Process of another one, or the space "
                               "was made by another copy of this library");
    }
    ThreadSeats* const thread = ThreadSeats::here(*membership);
    if (thread == nullptr) {
        throw std::logic_error("a shared object is used by a thread that is about to end");
    }
    if (Seat* const seat = thread->in(serial_)) {
        return *seat;
    }
    thread->make_room();
    Seat* const taken = take_seat(*process);
    if (taken == nullptr) {
        throw std::system_error(std::make_error_code(std::errc::resource_unavailable_try_again),
                                "all " + std::to_string(count_) +
                                    " seats of a space have a thread already; see the option "
                                    "`seats` of Pool and Shared");
    }
    thread->add({serial_, this, taken});
    return *taken;
}

Seat* Roster::take_seat(ProcessNumber process) noexcept {
    for (std::uint32_t number = 0; number < count_; ++number) {
        Seat& seat = *(first_seat() + number);
        Seat::Life life = seat.life.load(std::memory_order_relaxed);
        if (life.is_taken != 0) {
            continue;
        }
        raise_used(number + 1);  // first, so that a burial sees whatever was taken
        if (seat.life.compare_exchange_strong(life, {life.incarnation, process, 1},
                                              std::memory_order_acq_rel)) {
            seat.number.store(number, std::memory_order_relaxed);
            seat.pid.store(getpid(), std::memory_order_relaxed);
            seat.set_token();
            return &seat;
        }
    }
    return nullptr;
}

void Roster::raise_used(std::uint32_t least) noexcept {
    std::uint32_t used = used_.load(std::memory_order_relaxed);
    while (used < least && !used_.compare_exchange_weak(used, least, std::memory_order_acq_rel)) {
    }
}

template <typename Use>
void Roster::for_each_seat_of(ProcessNumber process, Use use) noexcept {
    for (Seat& seat : used_seats()) {
        const Seat::Life life = seat.life.load(std::memory_order_acquire);
        if (life.is_taken != 0 && life.process == process) {
            use(seat);
        }
    }
}

void Roster::bury(ProcessNumber process) noexcept {
    const PartyNumber party = party_of(process);
    if (heap_ != nullptr && process != 0) {
        // What words name is theirs. Then what the process was about to publish goes, and what it
        // was about to do with the heap is done: so its party may be used in its place.
        for_each_seat_of(process, [&](Seat& seat) { detail::return_blocks(seat, *heap_, party); });
        heap_->bury(party, false);
    }
    for_each_seat_of(process, [&](Seat& seat) { detail::bury_seat(seat, heap_, party); });
    tell_lists(process);
}

// A burial that is at a word goes on from there when it is removed: until it ends, nothing is
// freed.
void Roster::add(PipeWord& pipe) noexcept {
    const TurnOfMaker turn(lists_are_taken_);
    put_into(pipes_, pipe, pipe.next_);
}

void Roster::remove(PipeWord& pipe) noexcept {
    const TurnOfMaker turn(lists_are_taken_);
    take_from(pipes_, pipe, &PipeWord::next_);
}

void Roster::add(BarrierWord& barrier) noexcept {
    const TurnOfMaker turn(lists_are_taken_);
    put_into(barriers_, barrier, barrier.next_);
}

void Roster::remove(BarrierWord& barrier) noexcept {
    const TurnOfMaker turn(lists_are_taken_);
    take_from(barriers_, barrier, &BarrierWord::next_);
}

void Roster::tell_lists(ProcessNumber dead) noexcept {
    // If another one was cut off, it may have left a word by halves.
    const bool tells_anyway = burials_at_lists_.fetch_add(1, std::memory_order_seq_cst) != 0;
    for (PipeWord* pipe = pipes_.load(std::memory_order_seq_cst); pipe != nullptr;
         pipe = pipe->next_.load(std::memory_order_acquire)) {
        pipe->bury(dead, tells_anyway);
    }
    for (BarrierWord* barrier = barriers_.load(std::memory_order_seq_cst); barrier != nullptr;
         barrier = barrier->next_.load(std::memory_order_acquire)) {
        barrier->bury(dead, tells_anyway);
    }
    burials_at_lists_.fetch_sub(1, std::memory_order_seq_cst);
}

void Roster::break_up() noexcept {
    is_broken_.store(true, std::memory_order_seq_cst);
    for (Seat& seat : used_seats()) {
        if (Doorbell* const bell = seat.sleeps_on.load(std::memory_order_seq_cst)) {
            bell->ring_after_death();
        }
    }
}

std::size_t Roster::taken_seats() const noexcept {
    return static_cast<std::size_t>(std::ranges::count_if(used_seats(), [](const Seat& seat) {
        return seat.life.load(std::memory_order_relaxed).is_taken != 0;
    }));
}

int Roster::pid_of(detail::Token token) const noexcept {
    return first_seat()[detail::seat_of(token)].pid.load(std::memory_order_relaxed);
}

bool Roster::is_anyone_at(const void* block, std::size_t bytes) const noexcept {
    if (burials_at_lists_.load(std::memory_order_seq_cst) != 0) {
        return true;
    }
    return std::ranges::any_of(used_seats(), [&](const Seat& seat) {
        return detail::is_in(seat.sleeps_on.load(std::memory_order_seq_cst), block, bytes) ||
               detail::is_in(seat.woken_by.load(std::memory_order_seq_cst), block, bytes) ||
               seat.has_name([&](const detail::Name& name) { return name.is_in(block, bytes); });
    });
}

bool Roster::is_named_at(std::uint32_t seat, const detail::Name& name) const noexcept {
    return first_seat()[seat].has_name([&](const detail::Name& each) { return each == name; });
}

Seat* Roster::first_seat() const noexcept {
    const auto* const place =
        reinterpret_cast<const std::byte*>(this) + whole_lines(sizeof(Roster));
    // The seats lie behind the roster, in the same shared memory, and are nobody's constants.
    return reinterpret_cast<Seat*>(const_cast<std::byte*>(place));
}

std::span<Seat> Roster::used_seats() const noexcept {
    return {first_seat(), used_.load(std::memory_order_acquire)};
}

}  // namespace pinfold::shm
