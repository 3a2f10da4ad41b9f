#pragma once

// Where an encoder puts a value, piece by piece. Not for users.
//
// A message is a value's pieces, one behind the other, without alignment:
//
//     bytes of trivially copyable types    as they are; none of an empty class
//     a size                               one byte, or 0xff and eight bytes from 255 on
//     an element that takes no byte        a zero, so that no size speaks of more elements than
//                                          bytes follow
//
// Writer writes one, Comparer sets a value beside one, and Visitor looks at the pieces alone.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <pinfold/api.hpp>
#include <pinfold/shm/crossing/bad_message.hpp>
#include <pinfold/shm/crossing/source.hpp>
#include <pinfold/shm/same_value.hpp>
#include <pinfold/shm/shareable.hpp>
#include <span>
#include <type_traits>
#include <utility>

namespace pinfold::shm::detail {

// Writes what there is room for, and counts all.
class PINFOLD_API Writer {
  public:
    explicit Writer(std::span<std::byte> to) noexcept : to_(to.data()), room_(to.size()) {}

    template <typename T>
    void leaf(const T& value) {
        put(&value, sizeof value);
    }
    template <typename T>
    void block(const T* values, std::size_t size) {
        put(values, size * sizeof(T));
    }
    template <typename Handle>
    void handle(const Handle& value) {
        put(&value, sizeof value);
    }
    void size(std::size_t size) {
        const auto in_a_byte = static_cast<std::uint8_t>(size < long_size ? size : long_size);
        put(&in_a_byte, 1);
        if (size >= long_size) {
            const std::uint64_t whole = size;
            put(&whole, sizeof whole);
        }
    }
    void filler() { leaf(std::byte{}); }
    [[nodiscard]] std::size_t position() const noexcept { return at_; }

    void enter() {
        if (++depth_ > deepest_message) {
            throw_nested_too_deep();
        }
    }
    void leave() noexcept { --depth_; }

  private:
    void put(const void* data, std::size_t size) {
        if (at_ <= room_ && size <= room_ - at_ && size > 0) {
            std::memcpy(to_ + at_, data, size);
        }
        at_ += size;
    }

    std::byte* to_;
    std::size_t room_;
    std::size_t at_ = 0;
    unsigned depth_ = 0;
};

// Whether a value is what a message says, but for padding and what else means nothing.
class PINFOLD_API Comparer {
  public:
    explicit Comparer(std::span<const std::byte> with) noexcept : with_(with) {}

    template <typename T>
    void leaf(const T& value) {
        if (!is_same_ || with_.left() < sizeof(T)) {
            is_same_ = false;
            return;
        }
        const std::byte* const other = with_.take(sizeof(T));
        is_same_ = std::memcmp(&value, other, sizeof(T)) == 0 || means_the_same(value, other);
    }
    template <typename T>
    void block(const T* values, std::size_t size) {
        for (std::size_t i = 0; is_same_ && i < size; ++i) {
            leaf(values[i]);
        }
    }
    template <typename Handle>
    void handle(const Handle& value) {
        struct Bytes {
            std::byte bytes[sizeof(Handle)];
        };
        Bytes bytes;
        std::memcpy(&bytes, &value, sizeof bytes);
        leaf(bytes);
    }
    void size(std::size_t size) {
        is_same_ = is_same_ && with_.left() > 0 && with_.size(0) == size;
    }
    void filler() { leaf(std::byte{}); }
    [[nodiscard]] std::size_t position() const noexcept { return with_.left(); }
    void enter() noexcept {}
    void leave() noexcept {}

    [[nodiscard]] bool is_same() const noexcept { return is_same_ && with_.left() == 0; }

  private:
    template <typename T>
    static bool means_the_same(const T& value, const std::byte* other) {
        constexpr SameValue same = same_value<std::remove_cv_t<T>>();
        if constexpr (same == nullptr) {
            return false;
        } else {
            alignas(T) std::byte a[sizeof(T)];
            alignas(T) std::byte b[sizeof(T)];
            std::memcpy(a, &value, sizeof(T));
            std::memcpy(b, other, sizeof(T));
            return same(a, b);
        }
    }

    Source with_;
    bool is_same_ = true;
};

// Shows those pieces to `visit` that may hold an address.
template <typename Visit>
class Visitor {
  public:
    explicit Visitor(Visit visit) : visit_(std::move(visit)) {}

    template <typename T>
    void leaf(const T& value) {
        if constexpr (!HoldsNoAddress<T>) {
            visit_(value);
        }
    }
    template <typename T>
    void block([[maybe_unused]] const T* values, [[maybe_unused]] std::size_t size) {
        if constexpr (!HoldsNoAddress<T>) {
            for (std::size_t i = 0; i < size; ++i) {
                visit_(values[i]);
            }
        }
    }
    template <typename Handle>
    void handle(const Handle& value) {
        visit_(value);
    }
    void size(std::size_t) noexcept {}
    void filler() noexcept {}
    [[nodiscard]] std::size_t position() const noexcept { return 0; }
    void enter() {
        if (++depth_ > deepest_message) {
            throw_nested_too_deep();
        }
    }
    void leave() noexcept { --depth_; }

  private:
    Visit visit_;
    unsigned depth_ = 0;
};

}  // namespace pinfold::shm::detail
