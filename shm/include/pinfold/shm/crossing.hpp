#pragma once

// For users: with this header, results, jobs and the members of functors may be strings, containers
// and structs of them. docs/what_crosses.md says which types cross.

#include <algorithm>
#include <cstddef>
#include <pinfold/api.hpp>
#include <pinfold/shm/crossing/bad_message.hpp>
#include <pinfold/shm/crossing/decode.hpp>
#include <pinfold/shm/crossing/encode.hpp>
#include <pinfold/shm/crossing/judgement.hpp>
#include <pinfold/shm/crossing_of.hpp>
#include <pinfold/shm/shareable.hpp>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace pinfold::shm {

/// How values of T, which is more than its bytes, cross to another process that was forked from
/// this one, or from which this one was forked.
///
///     using Counts = std::map<std::string, int>;
///     using Crossing = pinfold::shm::CrossingOf<Counts>;
///     static_assert(Crossing::is_there);
///     const Counts counts{{"one", 1}, {"two", 2}};
///     std::vector<std::byte> message(100);
///     message.resize(Crossing::write(counts, message));
///     assert(Crossing::read(message) == counts);
///
/// Thread-safety: all members, of a value that nobody changes meanwhile. Fork: any process. Cost:
/// writing copies the value's bytes once, and takes no memory; reading makes one new value.
template <typename T>
requires(!Shareable<T>) struct CrossingOf<T> {
  private:
    using Found = typename detail::Judge<T>::type;

  public:
    /// What is wrong with T, and with which of the types in it.
    static constexpr CrossingFault fault = Found::fault;
    using Culprit = typename Found::Culprit;

    /// Whether values of T cross. Where they do not, the functions below do not compile.
    static constexpr bool is_there = fault == CrossingFault::none;

    /// Whether a value may hold an address, which for_each_shareable() shows.
    static constexpr bool may_hold_address =
        detail::any_in_what_crosses<detail::MayHoldAddress, T>();

    /// Writes a value's message, if there is room, and returns the bytes that it takes. When these
    /// are more than `to` has, what `to` holds then is unspecified. Throws std::length_error for a
    /// value that is nested deeper than deepest_message, std::bad_variant_access for a variant that
    /// lost its value, and what a class's own function throws.
    static std::size_t write(const T& value, std::span<std::byte> to) {
        static_assert(check_crossing<T>());
        detail::SinkFor<T, detail::Writer> out(to);
        detail::encode(out, value);
        return out.position();
    }

    /// The value of a message. Throws BadMessage for other bytes, and what constructors throw. An
    /// Array in it becomes an owner of its elements in the process of its maker, and a view in
    /// others; some owner must have lived since it was written. Memory: bounded by a constant of T
    /// for each byte of the message.
    static T read(std::span<const std::byte> from) {
        static_assert(check_crossing<T>());
        detail::SourceFor<T> in(from);
        T value = detail::make<T>(in);
        if (in.left() > 0) {
            detail::throw_left_over(in.left());
        }
        return value;
    }

    /// The characters of a std::string's message, where they lie in it. Throws BadMessage for other
    /// bytes.
    static std::string_view view(
        std::span<const std::byte> from) requires std::is_same_v<T, std::string> {
        detail::SourceFor<T> in(from);
        const std::size_t size = in.size(1);
        const auto* const text = reinterpret_cast<const char*>(in.take(size));
        if (in.left() > 0) {
            detail::throw_left_over(in.left());
        }
        return {text, size};
    }

    /// Whether two messages say the same: every piece has the same bytes, or differs in padding
    /// alone, and hash tables have the same order. Throws as read() does. Cost: a comparison of the
    /// bytes; where these differ, the values are made and compared.
    static bool are_same(std::span<const std::byte> a, std::span<const std::byte> b) {
        if (std::ranges::equal(a, b)) {
            return true;
        }
        // A hash table has another order once it was read, but the same one for the same message.
        const T value_of_b = read(b);
        std::vector<std::byte> again(b.size());
        write(value_of_b, again);
        detail::SinkFor<T, detail::Comparer> out{std::span<const std::byte>(again)};
        detail::encode(out, read(a));
        return out.is_same();
    }

    /// Calls visit(piece) for each part of a value that crosses by its bytes and may hold an
    /// address. Of classes that write themselves it sees what they write.
    template <typename Visit>
    static void for_each_shareable(const T& value, Visit visit) {
        detail::SinkFor<T, detail::Visitor<Visit>> out(std::move(visit));
        detail::encode(out, value);
    }
};

}  // namespace pinfold::shm
