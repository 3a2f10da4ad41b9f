#pragma once

#include <cstddef>
#include <cstdint>
#include <pinfold/api.hpp>
#include <pinfold/engine/detail/race_checker.hpp>
#include <pinfold/engine/detail/shared/shared_owner.hpp>
#include <pinfold/shm/parties/message_ring.hpp>
#include <utility>

namespace pinfold::detail {

/// What a Queue is, whatever its messages are: a ring, and the errors of those who use it. `call`
/// is what a user wrote.
///
/// Thread-safety: all members. Fork: see shm::Roster.
class PINFOLD_API MessageQueue {
  public:
    using Claim = shm::MessageRing::Claim;
    using Answer = shm::MessageRing::Answer;

    /// Throws std::invalid_argument for a capacity of 0 or of too many, and what SharedOwner does.
    MessageQueue(SpaceCore& space, std::size_t capacity, std::size_t message_bytes,
                 bool may_be_long);
    ~MessageQueue() = default;
    MessageQueue(const MessageQueue&) = default;
    MessageQueue& operator=(const MessageQueue&) = default;
    MessageQueue(MessageQueue&& other) noexcept
        : owner_(std::move(other.owner_)),
          ring_(std::exchange(other.ring_, nullptr)),
          roster_(other.roster_) {}
    MessageQueue& operator=(MessageQueue&& other) noexcept {
        owner_ = std::move(other.owner_);
        ring_ = std::exchange(other.ring_, nullptr);
        roster_ = other.roster_;
        return *this;
    }

    /// A slot for a message, or none when the time is over. Throws for all else.
    [[nodiscard]] Claim claim_to_write(shm::Until until, const char* call) const {
        const Claim claim = ring().claim_to_write(*roster_, until);
        if (claim.answer != Answer::yes && claim.answer != Answer::no_time) [[unlikely]] {
            throw_refusal(claim.answer, call);
        }
        tell_take_over(ring_);
        return claim;
    }
    /// A message; or none when the time is over, or nothing will come. Throws for all else.
    [[nodiscard]] Claim claim_to_read(shm::Until until, const char* call) const {
        const Claim claim = ring().claim_to_read(*roster_, until);
        if (claim.answer > Answer::no_closed) [[unlikely]] {
            throw_refusal(claim.answer, call);
        }
        tell_take_over(ring_);
        return claim;
    }

    [[nodiscard]] std::byte* take_block(const Claim& claim, std::size_t bytes) const {
        return ring_->take_block(*roster_, claim, bytes);
    }
    void publish(const Claim& claim) const { hand_over().publish(*roster_, claim); }
    void undo(const Claim& claim) const { hand_over().undo(*roster_, claim); }
    void settle(const Claim& claim) const { hand_over().settle(*roster_, claim); }
    void put_back(const Claim& claim) const { hand_over().put_back(*roster_, claim); }

    /// The same for a lease, which another thread may have. Throws std::system_error there.
    void settle_own(const Claim& claim, const char* call) const;
    /// Does nothing there.
    void put_back_own(const Claim& claim) const noexcept;

    [[nodiscard]] bool wait_until_settled(shm::Until until, const char* call) const;
    void close() const {
        tell_hand_over(&ring());
        ring_->close(*roster_);
    }
    [[nodiscard]] bool is_closed() const { return ring().is_closed(); }
    [[nodiscard]] std::size_t size() const { return ring().size_hint(); }
    [[nodiscard]] std::size_t capacity() const { return ring().slots(); }

    [[noreturn]] static void throw_timeout(const char* call);
    [[noreturn]] static void throw_done(const char* call);

  private:
    /// Throws std::logic_error for a handle that was moved from.
    [[nodiscard]] shm::MessageRing& ring() const {
        if (ring_ == nullptr) [[unlikely]] {
            SharedOwner::throw_moved_from();
        }
        return *ring_;
    }
    /// The ring of a claim that the caller ends.
    [[nodiscard]] shm::MessageRing& hand_over() const noexcept {
        tell_hand_over(ring_);
        return *ring_;
    }
    [[noreturn]] static void throw_refusal(Answer answer, const char* call);

    SharedOwner owner_;
    shm::MessageRing* ring_;
    shm::Roster* roster_;
};

}  // namespace pinfold::detail
