#pragma once

#include <cstring>
#include <memory>
#include <new>
#include <optional>
#include <pinfold/shm/arena.hpp>
#include <pinfold/shm/heap.hpp>
#include <pinfold/shm/parties/message_ring.hpp>
#include <pinfold/shm/parties/pipe_word.hpp>
#include <string>

#include "child_process.hpp"

namespace pinfold::shm::testing {

/// A pipe of texts with a heap for the long ones, in memory that all children share.
class PipeOfTexts {
  public:
    using Answer = PipeChannel::Answer;

    explicit PipeOfTexts(std::size_t capacity)
        : shape_{capacity, sizeof(RingMessage), true},
          roster_(Roster::make(arena_.allocate(Roster::bytes_for(seats)), seats)),
          pipe_(*new (arena_.allocate(PipeWord::bytes_for(shape_, shape_))) PipeWord()) {
        roster_.use_heap(heap(), 0);
        pipe_.prepare(roster_, shape_, shape_);
    }
    ~PipeOfTexts() {
        pipe_.end();
        roster_.close();
    }
    PipeOfTexts(const PipeOfTexts&) = delete;
    PipeOfTexts& operator=(const PipeOfTexts&) = delete;

    [[nodiscard]] Roster& roster() noexcept { return roster_; }
    [[nodiscard]] Heap& heap() noexcept { return *arena_.heap(); }
    [[nodiscard]] PipeWord& operator*() noexcept { return pipe_; }
    [[nodiscard]] PipeWord* operator->() noexcept { return &pipe_; }

    template <typename T>
    [[nodiscard]] T& make() {
        return *new (arena_.allocate(sizeof(T))) T();
    }

    /// A child that takes part under that number, from 1 to 15.
    template <typename Body>
    [[nodiscard]] std::unique_ptr<ChildProcess> start(int number, Body body) {
        return std::make_unique<ChildProcess>([this, number, body] {
            roster_.enter(static_cast<ProcessNumber>(number));
            return body();
        });
    }

    [[nodiscard]] Answer put(PipeSide side, const std::string& text, Until until = for_ever) {
        PipeChannel& channel = pipe_.from(side);
        const auto claim = channel.claim_to_write(roster_, until);
        if (claim.answer == Answer::yes) {
            auto& message = *reinterpret_cast<RingMessage*>(claim.message);
            std::byte* const to = text.size() > RingMessage::room
                                      ? channel.take_block(roster_, claim, text.size())
                                      : message.here;
            std::memcpy(to, text.data(), text.size());
            message.bytes = text.size();
            channel.publish(roster_, claim);
        }
        return claim.answer;
    }
    [[nodiscard]] static std::string text(const PipeChannel::Claim& claim) {
        const auto& message = *reinterpret_cast<const RingMessage*>(claim.message);
        return {reinterpret_cast<const char*>(message.content()), message.bytes};
    }
    [[nodiscard]] std::optional<std::string> get(PipeSide side, Until until = for_ever) {
        PipeChannel& channel = pipe_.to(side);
        const auto claim = channel.claim_to_read(roster_, until);
        if (claim.answer != Answer::yes) {
            return std::nullopt;
        }
        std::string got = text(claim);
        channel.settle(roster_, claim);
        return got;
    }

  private:
    static constexpr std::uint32_t seats = 32;

    Arena arena_{{.bytes = std::size_t{1} << 24, .heap_parties = 16}};
    const PipeWord::Shape shape_;
    Roster& roster_;
    PipeWord& pipe_;
};

}  // namespace pinfold::shm::testing
