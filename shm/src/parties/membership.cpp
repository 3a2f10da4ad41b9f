#include "parties/membership.hpp"

#include <algorithm>
#include <memory>
#include <new>

#include "parties/seat_burial.hpp"

namespace pinfold::shm::detail {

namespace {

std::atomic<Membership*> of_process{nullptr};

// Of a child. It is never destroyed, as that of a host: threads may end after main().
alignas(Membership) std::byte of_child[sizeof(Membership)];

thread_local bool is_ending = false;

struct SeatsOfThread {
    std::optional<ThreadSeats> seats;
    ~SeatsOfThread() { is_ending = true; }
};
thread_local SeatsOfThread of_thread;

}  // namespace

[[gnu::tls_model("initial-exec")]] constinit thread_local LastSeat last_seat;

Membership* Membership::here() noexcept {
    Membership* const found = of_process.load(std::memory_order_acquire);
    return found != nullptr && found->mark_.holds() ? found : nullptr;
}

Membership& Membership::of_host() {
    if (Membership* const found = here()) {
        return *found;
    }
    auto made = std::make_unique<Membership>();
    Membership* before = of_process.load(std::memory_order_acquire);
    while (before == nullptr || !before->mark_.holds()) {
        if (of_process.compare_exchange_weak(before, made.get(), std::memory_order_acq_rel)) {
            return *made.release();
        }
    }
    return *before;
}

void Membership::begin_anew(std::uint64_t serial, ProcessNumber number) noexcept {
    auto* const made = new (of_child) Membership;
    made->first_ = {serial, number};
    of_process.store(made, std::memory_order_release);
}

void Membership::join(std::uint64_t serial, ProcessNumber number) {
    const std::scoped_lock lock(mutex_);
    others_.push_back({serial, number});
}

std::optional<ProcessNumber> Membership::number_in(std::uint64_t serial) {
    const std::scoped_lock lock(mutex_);
    if (first_.serial == serial) {
        return first_.number;
    }
    const auto found = std::ranges::find(others_, serial, &Part::serial);
    return found == others_.end() ? std::nullopt : std::optional(found->number);
}

void Membership::leave(std::uint64_t serial) noexcept {
    const std::scoped_lock lock(mutex_);
    std::erase_if(others_, [serial](const Part& part) { return part.serial == serial; });
    for (ThreadSeats* const thread : threads_) {
        std::erase_if(thread->seats_,
                      [serial](const TakenSeat& taken) { return taken.serial == serial; });
    }
}

void Membership::add(ThreadSeats& thread) {
    const std::scoped_lock lock(mutex_);
    threads_.push_back(&thread);
}

void Membership::remove(ThreadSeats& thread) noexcept {
    const std::scoped_lock lock(mutex_);
    for (const TakenSeat& taken : thread.seats_) {
        bury_seat(*taken.seat, nullptr, 0);  // no thread ends amid a step with a block
    }
    std::erase(threads_, &thread);
}

ThreadSeats::ThreadSeats(Membership& membership) : membership_(membership) {
    membership_.add(*this);
}

ThreadSeats::~ThreadSeats() {
    last_seat = {};
    if (mark_.holds()) {  // else it is a copy, of a thread of the parent
        membership_.remove(*this);
    }
}

ThreadSeats* ThreadSeats::here(Membership& membership) {
    if (is_ending) {
        return nullptr;
    }
    std::optional<ThreadSeats>& seats = of_thread.seats;
    if (!seats || !seats->mark_.holds()) {
        seats.emplace(membership);
    }
    return &*seats;
}

Seat* ThreadSeats::in(std::uint64_t serial) const noexcept {
    const auto found = std::ranges::find(seats_, serial, &TakenSeat::serial);
    return found == seats_.end() ? nullptr : found->seat;
}

void ThreadSeats::make_room() {
    const std::scoped_lock lock(membership_.mutex_);
    seats_.reserve(seats_.size() + 1);
}

void ThreadSeats::add(const TakenSeat& taken) {
    const std::scoped_lock lock(membership_.mutex_);
    seats_.push_back(taken);
}

}  // namespace pinfold::shm::detail
