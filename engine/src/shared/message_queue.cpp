#include <new>
#include <pinfold/engine/detail/shared/message_queue.hpp>
#include <pinfold/engine/errors.hpp>
#include <pinfold/engine/shared/errors.hpp>
#include <pinfold/shm/heap.hpp>
#include <stdexcept>
#include <string>
#include <system_error>

#include "handover.hpp"
#include "shared/refusal.hpp"

namespace pinfold::detail {

namespace {

shm::MessageRing& ring_in(void* words) noexcept {
    return *static_cast<shm::MessageRing*>(words);
}

SharedKind queue_kind(std::size_t capacity, std::size_t message_bytes) {
    return {.name = "Queue",
            .bytes = shm::MessageRing::bytes_for(capacity, message_bytes),
            .end = [](void* words) { ring_in(words).end(); },
            .clear = [](void* words, shm::Heap& heap) { ring_in(words).free_blocks(heap); }};
}

}  // namespace

MessageQueue::MessageQueue(SpaceCore& space, std::size_t capacity, std::size_t message_bytes,
                           bool may_be_long)
    : owner_(space, queue_kind(capacity, message_bytes)),
      ring_(new (owner_.words()) shm::MessageRing()),
      roster_(&owner_.roster()) {
    ring_->prepare(capacity, message_bytes, may_be_long);
}

void MessageQueue::settle_own(const Claim& claim, const char* call) const {
    if (!ring().is_own(*roster_, claim)) {
        throw std::system_error(
            std::make_error_code(std::errc::operation_not_permitted),
            std::string(call) + ": another thread took the message, and that one alone settles it");
    }
    hand_over_unseen(ring_);
    settle(claim);
}

void MessageQueue::put_back_own(const Claim& claim) const noexcept {
    try {
        if (ring_->is_own(*roster_, claim)) {
            hand_over_unseen(ring_);
            put_back(claim);
        }
    } catch (const std::exception&) {
        // A child that the program forked: the message is its parent's.
    }
}

bool MessageQueue::wait_until_settled(shm::Until until, const char* call) const {
    const Answer answer = ring().wait_until_settled(*roster_, until);
    take_over_unseen(ring_);
    if (answer != Answer::yes && answer != Answer::no_time) {
        throw_refusal(answer, call);
    }
    return answer == Answer::yes;
}

void MessageQueue::throw_timeout(const char* call) {
    throw Timeout(std::string(call) + ": no message came in that time");
}

void MessageQueue::throw_done(const char* call) {
    throw std::logic_error(std::string(call) + ": the message is done already");
}

void MessageQueue::throw_refusal(Answer answer, const char* call) {
    switch (answer) {
        case Answer::no_closed:
            throw QueueClosed(call);
        case Answer::no_broken:
            throw PoolBroken(std::string(call) + ": " + nobody_would_tell);
        case Answer::no_own:
            throw std::system_error(
                std::make_error_code(std::errc::resource_deadlock_would_occur),
                std::string(call) + ": the calling thread itself has a message that is not done");
        case Answer::no_room:
            throw std::system_error(std::make_error_code(std::errc::resource_unavailable_try_again),
                                    std::string(call) + ": " + too_many_names);
        default:
            throw ObjectEnded(call);
    }
}

}  // namespace pinfold::detail
