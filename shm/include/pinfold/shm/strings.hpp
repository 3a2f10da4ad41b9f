#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <pinfold/api.hpp>
#include <pinfold/shm/array.hpp>
#include <pinfold/shm/crossing_of.hpp>
#include <pinfold/shm/index_iterator.hpp>
#include <string_view>

namespace pinfold::shm {

/// Some of the strings that Strings hold, one after the other. It owns nothing.
///
///     const auto arena =
///         std::make_shared<pinfold::shm::Arena>(pinfold::shm::ArenaOptions{.bytes = 1 << 20});
///     const pinfold::shm::Strings words(arena, std::vector<std::string>{"one", "two", "three"});
///     const pinfold::shm::StringsSpan last = words.span().subspan(1, 2);
///     assert(last.size() == 2 && last[1] == "three");
class PINFOLD_API StringsSpan {
  public:
    using Iterator = IndexIterator<StringsSpan>;

    StringsSpan() = default;

    /// String number i is characters [offsets[i], offsets[i + 1]).
    StringsSpan(const std::uint64_t* offsets, const char* characters, std::size_t size) noexcept
        : offsets_(offsets), characters_(characters), size_(size) {}

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    [[nodiscard]] std::string_view operator[](std::size_t i) const noexcept {
        return {characters_ + offsets_[i], static_cast<std::size_t>(offsets_[i + 1] - offsets_[i])};
    }
    [[nodiscard]] Iterator begin() const noexcept { return {*this, 0}; }
    [[nodiscard]] Iterator end() const noexcept { return {*this, size_}; }

    /// Strings [first, first + count), which must be there.
    [[nodiscard]] StringsSpan subspan(std::size_t first, std::size_t count) const noexcept {
        return size_ == 0 ? *this : StringsSpan(offsets_ + first, characters_, count);
    }

  private:
    const std::uint64_t* offsets_ = nullptr;
    const char* characters_ = nullptr;
    std::size_t size_ = 0;
};

/// Many strings in an Arena, which do not change: all characters in one array, and where each
/// string begins in another. A string costs its characters and 8 bytes.
///
///     const auto arena =
///         std::make_shared<pinfold::shm::Arena>(pinfold::shm::ArenaOptions{.bytes = 1 << 20});
///     const pinfold::shm::Strings names(arena, std::vector<std::string>{"Ada", "", "Grace"});
///     assert(names.size() == 3 && names[2] == "Grace" && names[1].empty());
///
/// Pool::strings() makes them. Copies share the characters, as copies of an Array do; a map may
/// capture one by value. As an input of map_reduce() and the like the elements are
/// std::string_view. No zero stands behind a string; it may hold zeros.
///
/// Thread-safety and fork: those of an Array.
class PINFOLD_API Strings {
  public:
    Strings() = default;

    /// Copies what a container holds: anything that converts to std::string_view. It walks through
    /// the container twice. Throws like Array.
    template <typename Container>
    Strings(const std::shared_ptr<Arena>& arena, const Container& strings)
        : offsets_(arena, count_of(strings) + 1) {
        std::uint64_t* offset = offsets_.data();
        for (const auto& string : strings) {
            const std::string_view text(string);
            offset[1] = offset[0] + text.size();
            ++offset;
        }
        characters_ = Array<char>(arena, static_cast<std::size_t>(*offset));
        char* to = characters_.data();
        for (const auto& string : strings) {
            const std::string_view text(string);
            to += text.copy(to, text.size());
        }
    }

    [[nodiscard]] std::size_t size() const noexcept {
        return offsets_.empty() ? 0 : offsets_.size() - 1;
    }
    [[nodiscard]] bool empty() const noexcept { return size() == 0; }
    [[nodiscard]] std::string_view operator[](std::size_t i) const noexcept { return span()[i]; }
    [[nodiscard]] StringsSpan::Iterator begin() const noexcept { return span().begin(); }
    [[nodiscard]] StringsSpan::Iterator end() const noexcept { return span().end(); }
    [[nodiscard]] StringsSpan span() const noexcept {
        return {offsets_.data(), characters_.data(), size()};
    }

    /// All characters, one string behind the other.
    [[nodiscard]] std::string_view characters() const noexcept {
        return {characters_.data(), characters_.size()};
    }

  private:
    template <typename Container>
    [[nodiscard]] static std::size_t count_of(const Container& strings) {
        std::size_t count = 0;
        for ([[maybe_unused]] const auto& string : strings) {
            ++count;
        }
        return count;
    }

    Array<std::uint64_t> offsets_;  // one more than there are strings
    Array<char> characters_;
};

template <>
inline constexpr bool is_shared_handle<Strings> = true;

}  // namespace pinfold::shm
