#pragma once

#include <cstddef>
#include <pinfold/api.hpp>
#include <pinfold/engine/detail/race_checker.hpp>
#include <pinfold/engine/detail/shared/enrolment.hpp>
#include <pinfold/engine/detail/shared/shared_owner.hpp>
#include <pinfold/shm/parties/pipe_channel.hpp>
#include <utility>

namespace pinfold::shm {
class PipeWord;
}

namespace pinfold::detail {

/// What an end of a pipe is, whatever its messages are: a word, the side of it, and the errors of
/// those who use it. `call` is what a user wrote.
///
/// Thread-safety: all members. Fork: see shm::Roster.
class PINFOLD_API PipeCore {
  public:
    using Claim = shm::PipeChannel::Claim;
    using Answer = shm::PipeChannel::Answer;
    using Shape = shm::PipeChannel::Shape;

    /// The first end of a new pipe. `back` may have no capacity. Throws std::invalid_argument for
    /// capacities of 0 or too many, and what SharedOwner does.
    PipeCore(SpaceCore& space, const Shape& there, const Shape& back);
    ~PipeCore() = default;
    PipeCore(const PipeCore&) = default;
    PipeCore& operator=(const PipeCore&) = default;
    PipeCore(PipeCore&& other) noexcept
        : owner_(std::move(other.owner_)),
          word_(other.word_),
          out_(std::exchange(other.out_, nullptr)),
          in_(other.in_),
          roster_(other.roster_),
          side_(other.side_) {}
    PipeCore& operator=(PipeCore&& other) noexcept {
        owner_ = std::move(other.owner_);
        word_ = other.word_;
        out_ = std::exchange(other.out_, nullptr);
        in_ = other.in_;
        roster_ = other.roster_;
        side_ = other.side_;
        return *this;
    }

    [[nodiscard]] PipeCore other_end() const {
        PipeCore other = *this;
        other.side_ = shm::other(side_);
        std::swap(other.out_, other.in_);
        return other;
    }

    /// Room for a message, or none when the time is over. Throws for all else.
    [[nodiscard]] Claim claim_to_write(shm::Until until, const char* call) const {
        const Claim claim = out().claim_to_write(*roster_, until);
        if (claim.answer > Answer::no_time) [[unlikely]] {
            throw_refusal(claim.answer, true, call);
        }
        tell_take_over(out_);
        return claim;
    }
    /// A message; or none when the time is over, or nothing will come. Throws for all else.
    [[nodiscard]] Claim claim_to_read(shm::Until until, const char* call) const {
        const Claim claim = in().claim_to_read(*roster_, until);
        if (claim.answer > Answer::no_closed) [[unlikely]] {
            throw_refusal(claim.answer, false, call);
        }
        tell_take_over(in_);
        return claim;
    }

    [[nodiscard]] std::byte* take_block(const Claim& claim, std::size_t bytes) const {
        return out().take_block(*roster_, claim, bytes);
    }
    void publish(const Claim& claim) const { hand_over(out()).publish(*roster_, claim); }
    void undo(const Claim& claim) const { hand_over(out()).undo(*roster_, claim); }
    void settle(const Claim& claim) const { hand_over(in()).settle(*roster_, claim); }
    void put_back(const Claim& claim) const { hand_over(in()).put_back(*roster_, claim); }

    void close() const;
    [[nodiscard]] bool is_closed() const;
    [[nodiscard]] bool is_other_gone() const;
    [[nodiscard]] std::size_t size() const { return in().size_hint(); }

    [[nodiscard]] Enrolment enrolment() const;

    [[noreturn]] static void throw_timeout(const char* call);

  private:
    /// Throws std::logic_error for a handle that was moved from.
    void check() const {
        if (out_ == nullptr) [[unlikely]] {
            SharedOwner::throw_moved_from();
        }
    }
    [[nodiscard]] shm::PipeChannel& out() const {
        check();
        return *out_;
    }
    [[nodiscard]] shm::PipeChannel& in() const {
        check();
        return *in_;
    }
    /// The channel of a claim that the caller ends.
    [[nodiscard]] static shm::PipeChannel& hand_over(shm::PipeChannel& channel) noexcept {
        tell_hand_over(&channel);
        return channel;
    }
    [[noreturn]] static void throw_refusal(Answer answer, bool is_put, const char* call);

    SharedOwner owner_;
    shm::PipeWord* word_;
    shm::PipeChannel* out_;
    shm::PipeChannel* in_;
    shm::Roster* roster_;
    shm::PipeSide side_ = shm::PipeSide::first;
};

}  // namespace pinfold::detail
