#pragma once

// How a table holds values of a type. Not for users.
//
// Values that are plain bytes lie in the rows. Others are objects while a worker combines them, and
// messages where they lie in shared memory: a row says where its object or its message is.

#include <cstddef>
#include <cstring>
#include <deque>
#include <functional>
#include <pinfold/api.hpp>
#include <pinfold/engine/detail/result_slot.hpp>
#include <pinfold/shm/crossing_of.hpp>
#include <pinfold/shm/same_value.hpp>
#include <pinfold/shm/shareable.hpp>
#include <span>
#include <type_traits>
#include <utility>

namespace pinfold::detail {

template <typename Value>
struct PlainValues {
    using Stored = Value;
    static constexpr bool may_lie_outside = false;

    static Stored made(const Value& value) noexcept { return value; }
    template <typename Combine>
    static void combine(Stored& a, const Value& b, const Combine& combine) {
        a = static_cast<Value>(std::invoke(combine, Value(a), Value(b)));
    }
    static void clear() noexcept {}

    static const Value& value(const Stored& stored) noexcept { return stored; }
    static std::size_t outside_bytes(const Stored&) noexcept { return 0; }
    static std::size_t write(Stored&, std::byte*) noexcept { return 0; }
    static bool are_same(const Stored& a, const Stored& b) {
        constexpr shm::SameValue same = shm::same_value<Value>();
        Stored copies[] = {a, b};
        return std::memcmp(&copies[0], &copies[1], sizeof(Stored)) == 0 ||
               (same != nullptr && same(&copies[0], &copies[1]));
    }
};

/// Where a value's message is, or its object.
struct StoredMessage {
    static constexpr std::size_t of_object = ~std::size_t{0};

    const void* at;
    std::size_t bytes;

    [[nodiscard]] bool is_object() const noexcept { return bytes == of_object; }
    [[nodiscard]] std::span<const std::byte> message() const noexcept {
        return {static_cast<const std::byte*>(at), bytes};
    }
};

template <typename Value>
class MessageValues {
  public:
    using Stored = StoredMessage;
    static constexpr bool may_lie_outside = true;

    Stored made(Value value) {
        return {&objects_.emplace_back(std::move(value)), StoredMessage::of_object};
    }
    static Stored made(const Stored& message) noexcept { return message; }
    template <typename Combine>
    void combine(Stored& a, const Stored& message, const Combine& combine) {
        this->combine(a, value(message), combine);
    }
    template <typename Combine>
    void combine(Stored& a, Value b, const Combine& combine) {
        if (!a.is_object()) {
            a = made(value(a));
        }
        // Only this table has objects, and they are its own.
        Value& object = *static_cast<Value*>(const_cast<void*>(a.at));
        object = std::invoke(combine, std::move(object), std::move(b));
    }
    void clear() noexcept { objects_.clear(); }

    static Value value(const Stored& stored) {
        return stored.is_object() ? object(stored) : Crossing::read(stored.message());
    }
    static std::size_t outside_bytes(const Stored& stored) {
        return stored.is_object() ? Crossing::write(object(stored), {}) : stored.bytes;
    }
    /// Puts the message there, where there is room for it.
    static std::size_t write(Stored& stored, std::byte* to) {
        const std::size_t bytes = outside_bytes(stored);
        if (!stored.is_object()) {
            std::memcpy(to, stored.at, bytes);
        } else if (Crossing::write(object(stored), {to, bytes}) != bytes) {
            refuse_other_size("a value");
        }
        stored = {to, bytes};
        return bytes;
    }
    static bool are_same(const Stored& a, const Stored& b) {
        return Crossing::are_same(a.message(), b.message());
    }

  private:
    using Crossing = shm::CrossingOf<Value>;

    static const Value& object(const Stored& stored) noexcept {
        return *static_cast<const Value*>(stored.at);
    }

    std::deque<Value> objects_;
};

template <typename Value>
using ValuesOf =
    std::conditional_t<shm::Shareable<Value>, PlainValues<Value>, MessageValues<Value>>;

}  // namespace pinfold::detail
