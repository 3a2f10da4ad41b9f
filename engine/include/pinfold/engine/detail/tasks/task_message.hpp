#pragma once

// The message of a task: its function and its arguments, each by its bytes or as a message of its
// own, and how a worker makes them again. Not for users.
//
//     | parts of a fixed size: bytes, or how long a message is | messages, in the order of parts |
//
// Nothing in it is aligned: a worker copies each part, and an attempt that failed may be followed
// by another. A part without members takes no byte, so an empty task has an empty message.

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <pinfold/api.hpp>
#include <pinfold/engine/detail/captures.hpp>
#include <pinfold/engine/detail/result_slot.hpp>
#include <pinfold/engine/trust.hpp>
#include <pinfold/shm/crossing_of.hpp>
#include <span>
#include <type_traits>

namespace pinfold::detail {

/// Whether a message only names what a T owns, such as an array of the pool.
template <typename T>
constexpr bool is_kept() noexcept {
    if constexpr (goes_as_message<T>()) {
        return shm::CrossingOf<T>::may_hold_address;
    } else {
        return !std::is_trivially_copyable_v<Meant<T>>;
    }
}

/// How much of a part lies at a place that the compiler knows. `T` is what was given, Meant<T> what
/// the worker makes.
template <typename T>
inline constexpr std::size_t fixed_bytes =
    goes_as_message<T>()                                                 ? sizeof(std::size_t)
    : std::is_empty_v<Meant<T>>&& std::is_trivially_copyable_v<Meant<T>> ? 0
                                                                         : sizeof(Meant<T>);

/// Where bytes of a message are put together: in the caller's frame while they are few.
class PINFOLD_API TaskMessage {
  public:
    /// Leaves room for that many bytes at the beginning.
    explicit TaskMessage(std::size_t fixed) {
        grow(fixed);
        used_ = fixed;
    }
    TaskMessage(const TaskMessage&) = delete;
    TaskMessage& operator=(const TaskMessage&) = delete;

    template <typename T>
    void put(std::size_t at, const T& value) {
        if constexpr (goes_as_message<T>()) {
            const std::size_t bytes = add(value);
            std::memcpy(bytes_ + at, &bytes, sizeof bytes);
        } else if constexpr (fixed_bytes<T> > 0) {
            // A shared object's handle is no trivial copy; its bytes are a view of the object.
            const void* const bytes = std::addressof(meant(value));
            std::memcpy(bytes_ + at, bytes, fixed_bytes<T>);
        }
    }

    [[nodiscard]] std::span<const std::byte> all() const noexcept { return {bytes_, used_}; }

  private:
    static constexpr std::size_t room_here = 512;

    /// Appends a message; one that has no room is written twice. Returns how long it is.
    template <typename T>
    std::size_t add(const T& value) {
        const std::size_t bytes = write(value);
        if (bytes > room_ - used_) {
            grow(used_ + bytes);
            if (write(value) != bytes) {
                refuse_other_size("an argument of the task");
            }
        }
        used_ += bytes;
        return bytes;
    }
    template <typename T>
    std::size_t write(const T& value) {
        return shm::CrossingOf<T>::write(value,
                                         std::span<std::byte>(bytes_ + used_, room_ - used_));
    }
    void grow(std::size_t bytes) {
        if (bytes > room_) {
            auto larger = std::make_unique_for_overwrite<std::byte[]>(bytes);
            std::memcpy(larger.get(), bytes_, used_);
            heap_ = static_cast<std::unique_ptr<std::byte[]>&&>(larger);
            bytes_ = heap_.get();
            room_ = bytes;
        }
    }

    std::byte* bytes_ = here_;
    std::size_t used_ = 0;
    std::size_t room_ = room_here;
    std::unique_ptr<std::byte[]> heap_;
    std::byte here_[room_here];
};

/// A part as a worker made it, of the bytes that are the part's: in the frame of the call, or, if
/// it is large, on the heap.
template <typename T>
class BytesInFrame {
  public:
    explicit BytesInFrame(std::span<const std::byte> from) noexcept {
        std::memcpy(bytes_, from.data(), from.size());  // none of an empty class
    }
    [[nodiscard]] T& value() noexcept { return *std::launder(reinterpret_cast<T*>(bytes_)); }

  private:
    alignas(T) std::byte bytes_[sizeof(T)];
};

template <typename T>
class BytesOnHeap {
  public:
    explicit BytesOnHeap(std::span<const std::byte> from) : made_(new BytesInFrame<T>(from)) {}
    [[nodiscard]] T& value() noexcept { return made_->value(); }

  private:
    std::unique_ptr<BytesInFrame<T>> made_;
};

inline constexpr std::size_t largest_argument_in_a_frame = 1024;
template <typename T>
using MadeOfBytes =
    std::conditional_t<(sizeof(T) > largest_argument_in_a_frame), BytesOnHeap<T>, BytesInFrame<T>>;

/// A copy that counts, of an array that crossed by its bytes.
template <typename T>
class CopyOfBytes {
  public:
    explicit CopyOfBytes(std::span<const std::byte> from)
        : value_(MadeOfBytes<const T>(from).value()) {}
    [[nodiscard]] T& value() noexcept { return value_; }

  private:
    T value_;
};

template <typename T>
class MadeOfMessage {
  public:
    explicit MadeOfMessage(std::span<const std::byte> from)
        : value_(shm::CrossingOf<T>::read(from)) {}
    [[nodiscard]] T& value() noexcept { return value_; }

  private:
    T value_;
};

template <typename T>
constexpr auto find_made() noexcept {
    if constexpr (goes_as_message<T>()) {
        return std::type_identity<MadeOfMessage<T>>{};
    } else if constexpr (std::is_trivially_copyable_v<Meant<T>>) {
        return std::type_identity<MadeOfBytes<Meant<T>>>{};
    } else {
        return std::type_identity<CopyOfBytes<Meant<T>>>{};
    }
}
template <typename T>
using MadePart = typename decltype(find_made<T>())::type;

/// Where the parts of a message are.
template <typename... Parts>
struct TaskLayout {
    using Places = std::array<std::size_t, sizeof...(Parts) + 1>;

    /// Where each part begins, and where the messages do.
    static constexpr Places places = [] {
        Places result{};
        constexpr std::size_t bytes[] = {fixed_bytes<Parts>...};
        for (std::size_t i = 0; i < sizeof...(Parts); ++i) {
            result[i + 1] = result[i] + bytes[i];
        }
        return result;
    }();
    static constexpr std::size_t fixed = places.back();

    static void write(TaskMessage& message, const Parts&... parts) {
        std::size_t i = 0;
        (message.put(places[i++], parts), ...);
    }

    using Spans = std::array<std::span<const std::byte>, sizeof...(Parts)>;

    [[nodiscard]] static Spans read(const std::byte* message) noexcept {
        constexpr bool is_message[] = {goes_as_message<Parts>()...};
        Spans spans;
        const std::byte* next = message + fixed;
        for (std::size_t i = 0; i < sizeof...(Parts); ++i) {
            spans[i] = {message + places[i], places[i + 1] - places[i]};
            if (is_message[i]) {
                std::size_t bytes = 0;
                std::memcpy(&bytes, spans[i].data(), sizeof bytes);
                spans[i] = {next, bytes};
                next += bytes;
            }
        }
        return spans;
    }
};

}  // namespace pinfold::detail
