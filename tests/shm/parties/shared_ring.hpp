#pragma once

#include <cstring>
#include <memory>
#include <new>
#include <optional>
#include <pinfold/shm/arena.hpp>
#include <pinfold/shm/heap.hpp>
#include <pinfold/shm/parties/message_ring.hpp>
#include <string>

#include "child_process.hpp"

namespace pinfold::shm::testing {

/// A ring with a heap for its long messages, in memory that all children share.
class SharedRing {
  public:
    SharedRing(std::size_t slots, std::size_t message_bytes, bool may_be_long)
        : roster_(Roster::make(arena_.allocate(Roster::bytes_for(seats)), seats)),
          ring_(*new (arena_.allocate(MessageRing::bytes_for(slots, message_bytes)))
                    MessageRing()) {
        roster_.use_heap(heap(), 0);
        ring_.prepare(slots, message_bytes, may_be_long);
    }
    ~SharedRing() { roster_.close(); }
    SharedRing(const SharedRing&) = delete;
    SharedRing& operator=(const SharedRing&) = delete;

    [[nodiscard]] Roster& roster() noexcept { return roster_; }
    [[nodiscard]] Heap& heap() noexcept { return *arena_.heap(); }
    [[nodiscard]] MessageRing* operator->() noexcept { return &ring_; }

    template <typename T>
    [[nodiscard]] T& make() {
        return *new (arena_.allocate(sizeof(T))) T();
    }

    /// For words that others lie behind.
    [[nodiscard]] void* zeros(std::size_t bytes) { return arena_.allocate(bytes); }

    /// A child that takes part under that number, from 1 to 15.
    template <typename Body>
    [[nodiscard]] std::unique_ptr<ChildProcess> start(int number, Body body) {
        return std::make_unique<ChildProcess>([this, number, body] {
            roster_.enter(static_cast<ProcessNumber>(number));
            return body();
        });
    }

  private:
    static constexpr std::uint32_t seats = 32;

    Arena arena_{{.bytes = std::size_t{1} << 24, .heap_parties = 16}};
    Roster& roster_;
    MessageRing& ring_;
};

class RingOfNumbers : public SharedRing {
  public:
    explicit RingOfNumbers(std::size_t slots) : SharedRing(slots, sizeof(std::uint64_t), false) {}

    [[nodiscard]] static std::uint64_t number(const MessageRing::Claim& claim) {
        std::uint64_t number = 0;
        std::memcpy(&number, claim.message, sizeof number);
        return number;
    }
    static void set_number(const MessageRing::Claim& claim, std::uint64_t number) {
        std::memcpy(claim.message, &number, sizeof number);
    }

    [[nodiscard]] MessageRing::Answer put(std::uint64_t number, Until until = for_ever) {
        MessageRing& ring = **this;
        const MessageRing::Claim claim = ring.claim_to_write(roster(), until);
        if (claim.answer == MessageRing::Answer::yes) {
            set_number(claim, number);
            ring.publish(roster(), claim);
        }
        return claim.answer;
    }
    [[nodiscard]] std::optional<std::uint64_t> get(Until until = for_ever) {
        MessageRing& ring = **this;
        const MessageRing::Claim claim = ring.claim_to_read(roster(), until);
        if (claim.answer != MessageRing::Answer::yes) {
            return std::nullopt;
        }
        const std::uint64_t got = number(claim);
        ring.settle(roster(), claim);
        return got;
    }

    MessageRing& operator*() noexcept { return *operator->(); }
};

class RingOfTexts : public SharedRing {
  public:
    explicit RingOfTexts(std::size_t slots) : SharedRing(slots, sizeof(RingMessage), true) {}

    [[nodiscard]] MessageRing::Answer put(const std::string& text, Until until = for_ever) {
        MessageRing& ring = *operator->();
        const MessageRing::Claim claim = ring.claim_to_write(roster(), until);
        if (claim.answer == MessageRing::Answer::yes) {
            auto& message = *reinterpret_cast<RingMessage*>(claim.message);
            std::byte* const to = text.size() > RingMessage::room
                                      ? ring.take_block(roster(), claim, text.size())
                                      : message.here;
            std::memcpy(to, text.data(), text.size());
            message.bytes = text.size();
            ring.publish(roster(), claim);
        }
        return claim.answer;
    }
    [[nodiscard]] static std::string text(const MessageRing::Claim& claim) {
        const auto& message = *reinterpret_cast<const RingMessage*>(claim.message);
        return {reinterpret_cast<const char*>(message.content()), message.bytes};
    }
    [[nodiscard]] std::optional<std::string> get(Until until = for_ever) {
        MessageRing& ring = *operator->();
        const MessageRing::Claim claim = ring.claim_to_read(roster(), until);
        if (claim.answer != MessageRing::Answer::yes) {
            return std::nullopt;
        }
        std::string got = text(claim);
        ring.settle(roster(), claim);
        return got;
    }
};

}  // namespace pinfold::shm::testing
