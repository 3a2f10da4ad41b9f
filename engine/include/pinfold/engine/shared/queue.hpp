#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <pinfold/api.hpp>
#include <pinfold/engine/detail/shared/in_slot.hpp>
#include <pinfold/engine/detail/shared/message_queue.hpp>
#include <pinfold/engine/shared/errors.hpp>
#include <pinfold/engine/shared/space.hpp>
#include <pinfold/shm/crossing_of.hpp>
#include <pinfold/shm/parties/until.hpp>
#include <type_traits>
#include <utility>

namespace pinfold {

/// A message that a thread works on, and that is done when that thread says so. Until then its
/// Queue keeps it: when the thread or its process dies, or drops the lease, the message is there
/// again for others.
///
///     pinfold::Pool pool;
///     const pinfold::Queue<int> jobs(pool, 8);
///     jobs.put(7);
///     { const auto job = jobs.lease(); }  // is dropped: the message is back
///     if (auto job = jobs.lease()) {
///         assert(**job == 7);
///         job->task_done();
///     }
///     jobs.join();  // all that was put is done
///
/// It belongs to the thread that took it: in another one task_done() throws, and its end does
/// nothing, so that the message stays with the thread that took it until that one ends. A thread
/// has up to 30 leases and locks at a time.
///
/// Move-only; one that was moved from has no message. Thread-safety: none.
template <typename T>
class Lease {
  public:
    Lease(Lease&& other) noexcept(std::is_nothrow_move_constructible_v<T>)
        : queue_(other.queue_),
          claim_(other.claim_),
          value_(std::move(other.value_)),
          is_held_(std::exchange(other.is_held_, false)) {}
    Lease& operator=(Lease&&) = delete;
    ~Lease() {
        if (is_held_) {
            queue_.put_back_own(claim_);
        }
    }

    /// The message, a copy of the thread's own.
    [[nodiscard]] T& operator*() noexcept { return value_; }
    [[nodiscard]] const T& operator*() const noexcept { return value_; }
    [[nodiscard]] T* operator->() noexcept { return &value_; }
    [[nodiscard]] const T* operator->() const noexcept { return &value_; }

    /// Nobody gets the message again. Throws std::logic_error when that was said before, and
    /// std::system_error (operation_not_permitted) in a thread that did not take it.
    void task_done() {
        if (!is_held_) {
            detail::MessageQueue::throw_done("Lease::task_done()");
        }
        queue_.settle_own(claim_, "Lease::task_done()");
        is_held_ = false;
    }

  private:
    template <typename U>
    friend class Queue;

    Lease(const detail::MessageQueue& queue, const detail::MessageQueue::Claim& claim, T value)
        : queue_(queue), claim_(claim), value_(std::move(value)) {}

    detail::MessageQueue queue_;
    detail::MessageQueue::Claim claim_;
    T value_;
    bool is_held_ = true;
};

/// A bounded queue of messages, from any threads to any threads of all processes of a pool, which
/// may die at any moment.
///
///     pinfold::Pool pool;
///     const pinfold::Queue<int> numbers(pool, 8);
///     std::thread writer([numbers] {
///         for (int i = 1; i <= 100; ++i) {
///             numbers.put(i);  // waits while 8 are there
///         }
///         numbers.close();
///     });
///     int sum = 0;
///     while (const auto number = numbers.get()) {  // until it is closed, and nothing is left
///         sum += *number;
///     }
///     writer.join();
///     assert(sum == 5050);
///
/// T is trivially copyable, or crosses with <pinfold/shm/crossing.hpp>: see docs/what_crosses.md.
/// The messages of one thread come in its order to whoever gets them.
///
/// Deaths. A put is whole or never was. A message goes to exactly one get() that returns: when a
/// thread dies inside of get(), the message is there again, before those that came later. What was
/// put stays, whatever becomes of the one who did. A map or a task may run twice after a death, and
/// put twice: see docs/shared_objects.md.
///
/// A thread that is stopped or slow loses nothing. Others pass it: a writer that stands still in
/// the middle of put() lets at most capacity - 1 further messages pass, then writers wait for it,
/// up to their time-outs; so does a message in a lease, or in a get() that stands still.
///
/// It is a handle: copies are the same queue, and a map may capture one by value. The queue ends
/// with the last copy in the process that made it, and with it the messages that nobody got. Then
/// whoever waits gets ObjectEnded.
///
/// What all members throw beside what they say: ObjectEnded; std::logic_error in a child that the
/// program forked, and for a queue that was moved from; std::system_error
/// (resource_unavailable_try_again) for a thread that finds no seat or is at 30 objects. Those that
/// wait throw PoolBroken when the pool's processes have ended, which would have told deaths.
///
/// A put that throws uses its place up, as if its message had been put and got.
///
/// Thread-safety: all members. Fork: see above. Cost: a message of 64 bytes from one process to
/// another on two CPUs about a fifth of Boost's message_queue, a short string twice that
/// (queue_bench). One of more than 112 bytes that is no plain bytes takes a block of the pool's
/// heap, which costs several times as much. While the first message is in other hands, a get()
/// looks at all behind it. A waiter looks for some microseconds, then sleeps. Memory: capacity
/// times the bytes of T, or 120, and 8 more, rounded up to 64.
template <typename T>
class Queue {
    static_assert(std::is_object_v<T> && !std::is_const_v<T>, "a Queue holds values");
    using InSlot = detail::InSlot<T>;
    using Claim = detail::MessageQueue::Claim;
    using Answer = detail::MessageQueue::Answer;

  public:
    /// Has room for `capacity` messages, 1 to 2^23. Throws std::invalid_argument for other
    /// capacities, std::system_error where the memory ends, and what Space throws.
    Queue(const Space& space, std::size_t capacity)
        : queue_(space.core(), capacity, InSlot::bytes, !InSlot::is_bytes) {
        if constexpr (!InSlot::is_bytes) {
            static_assert(shm::check_crossing<T>());
        }
    }

    /// Waits while the queue is full. Throws QueueClosed after close(); shm::HeapFull where there
    /// is no memory for a long message, and what T's own writing throws: then nothing was put.
    void put(const T& value) const {
        static_cast<void>(put_before(shm::for_ever, value, "Queue::put()"));
    }
    /// Returns false where the queue is full, now or until that time is over.
    [[nodiscard]] bool try_put(const T& value) const {
        return put_before(shm::at_once, value, "Queue::try_put()");
    }
    template <typename Rep, typename Period>
    [[nodiscard]] bool put_for(const T& value,
                               const std::chrono::duration<Rep, Period>& time) const {
        return put_before(shm::after(time), value, "Queue::put_for()");
    }

    /// Waits for a message. Returns none when the queue is closed and nothing is left: no message,
    /// and none in other hands that might come back. Throws what T's own reading throws: then the
    /// message is still there.
    [[nodiscard]] std::optional<T> get() const { return get_before(shm::for_ever, "Queue::get()"); }
    /// Returns none also where no message is there now.
    [[nodiscard]] std::optional<T> try_get() const {
        return get_before(shm::at_once, "Queue::try_get()");
    }
    /// Throws Timeout when no message came in that time. Returns none as get() does.
    template <typename Rep, typename Period>
    [[nodiscard]] std::optional<T> get_for(const std::chrono::duration<Rep, Period>& time) const {
        constexpr const char* call = "Queue::get_for()";
        return got(claim_for(time, call));
    }

    /// Like get(), try_get() and get_for(), but the queue keeps the message until it is done.
    [[nodiscard]] std::optional<Lease<T>> lease() const {
        return leased(queue_.claim_to_read(shm::for_ever, "Queue::lease()"));
    }
    [[nodiscard]] std::optional<Lease<T>> try_lease() const {
        return leased(queue_.claim_to_read(shm::at_once, "Queue::try_lease()"));
    }
    template <typename Rep, typename Period>
    [[nodiscard]] std::optional<Lease<T>> lease_for(
        const std::chrono::duration<Rep, Period>& time) const {
        return leased(claim_for(time, "Queue::lease_for()"));
    }

    /// Waits until all messages are done that were put before: got, or done by a lease. Throws
    /// std::system_error (resource_deadlock_would_occur) where the caller has one of them.
    void join() const {
        static_cast<void>(queue_.wait_until_settled(shm::for_ever, "Queue::join()"));
    }
    /// Returns whether they are, when that time is over.
    template <typename Rep, typename Period>
    [[nodiscard]] bool join_for(const std::chrono::duration<Rep, Period>& time) const {
        return queue_.wait_until_settled(shm::after(time), "Queue::join_for()");
    }

    /// No message comes any more: put() throws, and get() returns what is left, then none. May be
    /// called again.
    void close() const { queue_.close(); }
    [[nodiscard]] bool is_closed() const { return queue_.is_closed(); }

    /// How many messages could be got. A hint, while others put and get. Run time: grows with that.
    [[nodiscard]] std::size_t size() const { return queue_.size(); }
    [[nodiscard]] std::size_t capacity() const { return queue_.capacity(); }

  private:
    [[nodiscard]] bool put_before(shm::Until until, const T& value, const char* call) const {
        const Claim claim = queue_.claim_to_write(until, call);
        if (claim.answer != Answer::yes) {
            return false;
        }
        detail::UnlessDone undo([&] { queue_.undo(claim); });
        InSlot::write(queue_, claim, value);
        undo.done();
        queue_.publish(claim);
        return true;
    }

    [[nodiscard]] std::optional<T> get_before(shm::Until until, const char* call) const {
        return got(queue_.claim_to_read(until, call));
    }
    template <typename Rep, typename Period>
    [[nodiscard]] Claim claim_for(const std::chrono::duration<Rep, Period>& time,
                                  const char* call) const {
        const Claim claim = queue_.claim_to_read(shm::after(time), call);
        if (claim.answer == Answer::no_time) {
            detail::MessageQueue::throw_timeout(call);
        }
        return claim;
    }

    [[nodiscard]] std::optional<T> got(const Claim& claim) const {
        std::optional<T> value;
        if (claim.answer == Answer::yes) {
            detail::UnlessDone put_back([&] { queue_.put_back(claim); });
            value.emplace(InSlot::read(claim));
            put_back.done();
            queue_.settle(claim);
        }
        return value;
    }
    [[nodiscard]] std::optional<Lease<T>> leased(const Claim& claim) const {
        if (claim.answer != Answer::yes) {
            return std::nullopt;
        }
        detail::UnlessDone put_back([&] { queue_.put_back(claim); });
        Lease<T> lease(queue_, claim, InSlot::read(claim));
        put_back.done();
        return lease;
    }

    detail::MessageQueue queue_;
};

template <typename T>
inline constexpr bool shm::is_shared_handle<Queue<T>> = true;

}  // namespace pinfold
