#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <pinfold/api.hpp>
#include <pinfold/engine/detail/shared/in_slot.hpp>
#include <pinfold/engine/detail/shared/pipe_core.hpp>
#include <pinfold/engine/shared/errors.hpp>
#include <pinfold/engine/shared/space.hpp>
#include <pinfold/shm/crossing_of.hpp>
#include <pinfold/shm/parties/until.hpp>
#include <type_traits>
#include <utility>

namespace pinfold {

namespace detail {
/// What an end carries in a direction that its pipe has not.
struct NoMessage {};
}  // namespace detail

/// One of the two ends of a pipe, that make_pipe() makes: what is put into the one is got from the
/// other. The threads that use it, of whatever processes, may die at any moment.
///
///     pinfold::Shared shared;
///     const auto [ours, theirs] = pinfold::make_pipe<std::string>(shared, 8);
///     const auto greet = [end = theirs] {
///         while (const auto name = end.get()) {
///             end.put("Hello, " + *name);
///         }
///     };
///     pinfold::Process process(shared, greet, {.uses = {theirs}});
///     ours.put("Ada");
///     assert(ours.get() == "Hello, Ada");
///     ours.close();  // its get() returns none
///     process.join();
///     assert(!ours.get());
///
/// Put and Get are trivially copyable, or cross with <pinfold/shm/crossing.hpp>: see
/// docs/what_crosses.md. Messages come in the order in which they were put.
///
/// An end has *gone* when somebody closed it, or when all processes that used it have ended, killed
/// or not. A Process uses it from its birth on where its option `uses` names the end, any process
/// from its first put() or get() on, until it ends. When the other end has gone, get() returns what
/// was put before, then none; put() throws BrokenPipe, and what was not got is lost. close() is for
/// all processes: there is no need to close copies. An end that nobody used yet has not gone, so
/// get() waits for who will, even if it has died before: name the end in `uses`. Likewise, an end
/// that has gone by deaths is there again when another process uses it. The process that made the
/// pool, if it has used an end, uses it for ever.
///
/// Deaths. A put is whole or never was. A message goes to exactly one get() that returns: when a
/// thread dies inside of get(), the message is the next again for others of that end. What was put
/// stays, whatever becomes of the one who did. A map or a task may run twice after a death, and put
/// twice: see docs/shared_objects.md.
///
/// Threads that use one end take turns: messages are whole. One that is stopped in the middle of
/// put() holds up those who put at that end, one in the middle of get() those who get there, up to
/// their time-outs: loses nothing, and nobody else waits for it.
///
/// It is a handle: copies are the same end, and a map may capture one by value. The pipe ends with
/// the last copy of either end in the process that made it, and with it the messages that nobody
/// got. Then whoever waits gets ObjectEnded.
///
/// What put() and get() throw beside what they say: ObjectEnded; std::logic_error in a child that
/// the program forked, and for an end that was moved from; std::system_error
/// (resource_unavailable_try_again) for a thread that finds no seat or is at 29 objects, and
/// (resource_deadlock_would_occur) where the message's own writing or reading comes to the same end
/// again. Those that wait throw PoolBroken when the pool's processes have ended, which would have
/// told deaths.
///
/// Thread-safety: all members. Fork: see above. Cost: a message of 64 bytes less than a cache
/// line's way to another CPU and back (pipe_bench); where several threads take turns at an end,
/// about as much again. A message of more than 112 bytes that is no plain bytes takes a block of
/// the pool's heap, which costs several times as much. A waiter looks for some microseconds, then
/// sleeps. Memory, in each direction: the bytes of a message, or 128, times the capacity, rounded
/// up to a power of two; and 4 KiB.
template <typename Put, typename Get = Put>
class PipeEnd {
    static constexpr bool puts = !std::is_same_v<Put, detail::NoMessage>;
    static constexpr bool gets = !std::is_same_v<Get, detail::NoMessage>;
    static_assert(std::is_object_v<Put> && !std::is_const_v<Put> && std::is_object_v<Get> &&
                      !std::is_const_v<Get>,
                  "a pipe carries values");
    using Claim = detail::PipeCore::Claim;
    using Answer = detail::PipeCore::Answer;

  public:
    /// For make_pipe().
    explicit PipeEnd(detail::PipeCore core) : core_(std::move(core)) {}

    /// Waits while the pipe is full. Throws BrokenPipe when the other end has gone, and after
    /// close(); shm::HeapFull where there is no memory for a long message, and what Put's own
    /// writing throws: then nothing was put.
    void put(const Put& value) const requires puts {
        static_cast<void>(put_before(shm::for_ever, value, "PipeEnd::put()"));
    }
    /// Returns false where the pipe is full, now or until that time is over.
    [[nodiscard]] bool try_put(const Put& value) const requires puts {
        return put_before(shm::at_once, value, "PipeEnd::try_put()");
    }
    template <typename Rep, typename Period>
    [[nodiscard]] bool put_for(const Put& value,
                               const std::chrono::duration<Rep, Period>& time) const requires puts {
        return put_before(shm::after(time), value, "PipeEnd::put_for()");
    }

    /// Waits for a message. Returns none when the other end has gone, or this one is closed, and
    /// nothing is left. Throws what Get's own reading throws: then the message is still there.
    [[nodiscard]] std::optional<Get> get() const requires gets {
        return got(core_.claim_to_read(shm::for_ever, "PipeEnd::get()"));
    }
    /// Returns none also where no message is there now.
    [[nodiscard]] std::optional<Get> try_get() const requires gets {
        return got(core_.claim_to_read(shm::at_once, "PipeEnd::try_get()"));
    }
    /// Throws Timeout when no message came in that time. Returns none as get() does.
    template <typename Rep, typename Period>
    [[nodiscard]] std::optional<Get> get_for(
        const std::chrono::duration<Rep, Period>& time) const requires gets {
        constexpr const char* call = "PipeEnd::get_for()";
        const Claim claim = core_.claim_to_read(shm::after(time), call);
        if (claim.answer == Answer::no_time) {
            detail::PipeCore::throw_timeout(call);
        }
        return got(claim);
    }

    /// This end is used no more, by no process: see above. May be called again.
    void close() const { core_.close(); }
    [[nodiscard]] bool is_closed() const { return core_.is_closed(); }

    /// Whether the other end has gone, so that put() throws. Messages may be left to get.
    [[nodiscard]] bool is_other_gone() const { return core_.is_other_gone(); }

    /// How many messages could be got. A hint, while others put and get.
    [[nodiscard]] std::size_t size() const requires gets { return core_.size(); }

    /// For ProcessOptions::uses.
    operator detail::Enrolment() const {  // NOLINT(google-explicit-constructor): it is one there
        return core_.enrolment();
    }

  private:
    [[nodiscard]] bool put_before(shm::Until until, const Put& value, const char* call) const {
        using InSlot = detail::InSlot<Put>;
        const Claim claim = core_.claim_to_write(until, call);
        if (claim.answer != Answer::yes) {
            return false;
        }
        detail::UnlessDone undo([&] { core_.undo(claim); });
        InSlot::write(core_, claim, value);
        undo.done();
        core_.publish(claim);
        return true;
    }

    [[nodiscard]] std::optional<Get> got(const Claim& claim) const {
        using InSlot = detail::InSlot<Get>;
        std::optional<Get> value;
        if (claim.answer == Answer::yes) {
            detail::UnlessDone put_back([&] { core_.put_back(claim); });
            value.emplace(InSlot::read(claim));
            put_back.done();
            core_.settle(claim);
        }
        return value;
    }

    detail::PipeCore core_;
};

/// The ends of a pipe of one direction: see make_one_way_pipe().
template <typename T>
using PipeReader = PipeEnd<detail::NoMessage, T>;
template <typename T>
using PipeWriter = PipeEnd<T, detail::NoMessage>;

template <typename Put, typename Get>
inline constexpr bool shm::is_shared_handle<PipeEnd<Put, Get>> = true;

namespace detail {

template <typename T>
[[nodiscard]] PipeCore::Shape shape_of_channel(std::size_t capacity) {
    using InSlot = detail::InSlot<T>;
    if constexpr (!InSlot::is_bytes) {
        static_assert(shm::check_crossing<T>());
    }
    return {.capacity = capacity, .message_bytes = InSlot::bytes, .may_be_long = !InSlot::is_bytes};
}

}  // namespace detail

/// A pipe of two ends, each of which puts into the other. It has room for `capacity` messages in
/// each direction, 1 to 2^23. The first end puts messages of type There and gets Back.
///
///     pinfold::Pool pool;
///     const auto [asker, teller] = pinfold::make_pipe<int, std::string>(pool, 4);
///     asker.put(7);
///     teller.put("for " + std::to_string(*teller.get()));
///     assert(asker.get() == "for 7");
///
/// Throws std::invalid_argument for other capacities, std::system_error where the memory ends, and
/// what Space throws.
template <typename There, typename Back = There>
[[nodiscard]] std::pair<PipeEnd<There, Back>, PipeEnd<Back, There>> make_pipe(
    const Space& space, std::size_t capacity) {
    const detail::PipeCore first(space.core(), detail::shape_of_channel<There>(capacity),
                                 detail::shape_of_channel<Back>(capacity));
    return {PipeEnd<There, Back>(first), PipeEnd<Back, There>(first.other_end())};
}

/// The same in one direction: an end that gets, and one that puts.
///
///     pinfold::Shared shared;
///     const auto [reader, writer] = pinfold::make_one_way_pipe<int>(shared, 4);
///     writer.put(7);
///     writer.close();
///     assert(reader.get() == 7 && !reader.get());
template <typename T>
[[nodiscard]] std::pair<PipeReader<T>, PipeWriter<T>> make_one_way_pipe(const Space& space,
                                                                        std::size_t capacity) {
    const detail::PipeCore writer(space.core(), detail::shape_of_channel<T>(capacity), {});
    return {PipeReader<T>(writer.other_end()), PipeWriter<T>(writer)};
}

}  // namespace pinfold
