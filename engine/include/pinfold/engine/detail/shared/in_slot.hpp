#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <pinfold/api.hpp>
#include <pinfold/engine/detail/result_slot.hpp>
#include <pinfold/shm/crossing_of.hpp>
#include <pinfold/shm/parties/message_ring.hpp>
#include <pinfold/shm/shareable.hpp>
#include <span>

namespace pinfold::detail {

/// Does something at the end of a scope that an exception leaves. It stands where others catch, so
/// that programs without exceptions can compile what needs it.
template <typename GiveUp>
class UnlessDone {
  public:
    explicit UnlessDone(GiveUp give_up) noexcept : give_up_(give_up) {}
    ~UnlessDone() {
        if (!is_done_) {
            give_up_();
        }
    }
    UnlessDone(const UnlessDone&) = delete;
    UnlessDone& operator=(const UnlessDone&) = delete;

    void done() noexcept { is_done_ = true; }

  private:
    GiveUp give_up_;
    bool is_done_ = false;
};

/// How a T lies in a slot: by its bytes, or as a message of any length.
template <typename T>
struct InSlot {
    static constexpr bool is_bytes = shm::Shareable<T>;
    static constexpr std::size_t bytes = is_bytes ? sizeof(T) : sizeof(shm::RingMessage);

    /// Into the slot that `messages` gave by this claim. Throws HeapFull, and what T's own writing
    /// throws.
    template <typename Messages, typename Claim>
    static void write(const Messages& messages, const Claim& claim, const T& value) {
        if constexpr (is_bytes) {
            std::memcpy(claim.message, std::addressof(value), sizeof(T));
        } else {
            auto& message = *reinterpret_cast<shm::RingMessage*>(claim.message);
            const std::size_t size = shm::CrossingOf<T>::write(value, message.here);
            if (size > shm::RingMessage::room) {
                std::byte* const block = messages.take_block(claim, size);
                if (shm::CrossingOf<T>::write(value, std::span(block, size)) != size) {
                    refuse_other_size("the message");
                }
            }
            message.bytes = size;
        }
    }

    template <typename Claim>
    [[nodiscard]] static T read(const Claim& claim) {
        if constexpr (!is_bytes) {
            const auto& message = *reinterpret_cast<const shm::RingMessage*>(claim.message);
            return shm::CrossingOf<T>::read({message.content(), message.bytes});
        } else if constexpr (alignof(T) <= alignof(std::uint64_t)) {
            return *std::launder(reinterpret_cast<const T*>(claim.message));
        } else {
            alignas(T) std::byte copy[sizeof(T)];
            std::memcpy(copy, claim.message, sizeof(T));
            return *std::launder(reinterpret_cast<const T*>(copy));
        }
    }
};

}  // namespace pinfold::detail
