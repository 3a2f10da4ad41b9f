#pragma once

// The ring of one writer and one reader that everybody writes: two indices, each of which is
// published after so many messages, and what each last saw of the other's. It neither sleeps nor
// ends. Published for each message, its other end looks at the index while it changes.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace bench {

template <std::size_t bytes, std::uint64_t published_after>
class IndexRing {
  public:
    void put(const void* message, std::size_t /*bytes*/) {
        while (own_tail_ - head_seen_ == slots) {
            tail_.store(own_tail_, std::memory_order_release);
            head_seen_ = head_.load(std::memory_order_acquire);
        }
        std::memcpy(messages_[own_tail_ % slots], message, bytes);
        if (++own_tail_ % published_after == 0) {
            tail_.store(own_tail_, std::memory_order_release);
        }
    }
    void get(void* message, std::size_t /*bytes*/) {
        while (own_head_ == tail_seen_) {
            head_.store(own_head_, std::memory_order_release);
            tail_seen_ = tail_.load(std::memory_order_acquire);
        }
        std::memcpy(message, messages_[own_head_ % slots], bytes);
        if (++own_head_ % published_after == 0) {
            head_.store(own_head_, std::memory_order_release);
        }
    }
    /// By the writer, after its last message.
    void publish_all() { tail_.store(own_tail_, std::memory_order_release); }

  private:
    static constexpr std::uint64_t slots = 1024;

    alignas(128) std::atomic<std::uint64_t> tail_{0};
    alignas(128) std::atomic<std::uint64_t> head_{0};
    alignas(128) std::uint64_t own_tail_ = 0;
    std::uint64_t head_seen_ = 0;
    alignas(128) std::uint64_t own_head_ = 0;
    std::uint64_t tail_seen_ = 0;
    alignas(128) unsigned char messages_[slots][bytes];
};

}  // namespace bench
