#pragma once

// Where a decoder takes a value from. Not for users.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <pinfold/api.hpp>
#include <pinfold/shm/crossing/bad_message.hpp>
#include <span>

namespace pinfold::shm::detail {

/// From this size on, nine bytes say a size, else one.
inline constexpr std::size_t long_size = 255;

class PINFOLD_API Source {
  public:
    explicit Source(std::span<const std::byte> from) noexcept
        : at_(from.data()), end_(from.data() + from.size()) {}

    [[nodiscard]] std::size_t left() const noexcept { return static_cast<std::size_t>(end_ - at_); }

    /// The next bytes. Throws BadMessage when there are fewer.
    [[nodiscard]] const std::byte* take(std::size_t size) {
        if (size > left()) {
            throw_ends_early(size, left());
        }
        const std::byte* const taken = at_;
        at_ += size;
        return taken;
    }

    /// A size, of elements that take at least `least_bytes` each. 0: of no elements.
    [[nodiscard]] std::size_t size(std::size_t least_bytes) {
        std::size_t size = std::to_integer<std::size_t>(*take(1));
        if (size == long_size) {
            std::uint64_t whole = 0;
            std::memcpy(&whole, take(sizeof whole), sizeof whole);
            if (whole < long_size) {
                throw_impossible("size");
            }
            size = whole;
        }
        if (least_bytes > 0 && size > left() / least_bytes) {
            throw_size_beyond(size, left());
        }
        return size;
    }

    [[nodiscard]] bool flag() {
        const auto byte = std::to_integer<unsigned>(*take(1));
        if (byte > 1) {
            throw_impossible("flag");
        }
        return byte == 1;
    }

    /// Takes the byte of an element that took none.
    void filler() {
        if (*take(1) != std::byte{}) {
            throw_impossible("filler");
        }
    }

    void enter() {
        if (++depth_ > deepest_message) {
            throw_too_deep();
        }
    }
    void leave() noexcept { --depth_; }

  private:
    const std::byte* at_;
    const std::byte* end_;
    unsigned depth_ = 0;
};

}  // namespace pinfold::shm::detail
