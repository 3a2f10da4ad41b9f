#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

namespace pinfold::detail {

/// Text in a place of fixed size. What has no room is cut, between two characters of UTF-8, and
/// ends in a mark. Of what is added no more is read than fits.
class CutText {
  public:
    /// `to` has room for the mark at least.
    explicit CutText(std::span<char> to) noexcept : to_(to) { to_[0] = '\0'; }

    void add(std::string_view text) noexcept;

    /// The same for a C string, which nullptr stands for too.
    void add(const char* text) noexcept;

    /// What ends a text that was cut.
    static constexpr std::string_view mark = " [...]";

  private:
    void cut() noexcept;

    std::span<char> to_;  // holds a C string at any time
    std::size_t used_ = 0;
};

/// The exception that is being handled, as text; to be made and used inside of its handler.
///
/// It takes nothing for granted: what() may return nullptr or megabytes, and anything may be
/// thrown. It needs no memory but its own, apart from the demangler's.
class Caught {
  public:
    /// Lets go through what is no exception of a map: that its thread is being cancelled.
    Caught();

    [[nodiscard]] const char* type() const noexcept { return type_.data(); }

    /// Its what(), then those of the exceptions that are nested in it. Of a TaskFailed, which task
    /// was the innermost that failed, and why. Of what is no std::exception, its value, where it
    /// has one that can be written.
    [[nodiscard]] const char* text() const noexcept { return text_.data(); }

    /// That private memory is short, or the pool's heap is full.
    [[nodiscard]] bool is_bad_alloc() const noexcept { return is_bad_alloc_; }
    [[nodiscard]] bool is_heap_full() const noexcept { return is_heap_full_; }
    [[nodiscard]] bool is_std_exception() const noexcept { return is_std_exception_; }

  private:
    std::array<char, 128> type_{};
    std::array<char, 896> text_{};
    bool is_bad_alloc_ = false;
    bool is_heap_full_ = false;
    bool is_std_exception_ = false;
};

}  // namespace pinfold::detail
