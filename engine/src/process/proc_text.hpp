#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace pinfold::detail {

/// What a small file of /proc says, read without the heap and without a lock, so in a child at once
/// after its birth too. Of a longer file, its beginning; nothing where it cannot be read.
class ProcText {
  public:
    explicit ProcText(const char* path) noexcept;

    /// Of the file whose path has `number` between these two.
    ProcText(const char* before, int number, const char* behind) noexcept;

    [[nodiscard]] std::string_view text() const noexcept { return {text_.data(), length_}; }

    /// The number behind `name`, which begins a line other than the first and ends in a colon.
    [[nodiscard]] std::optional<long long> field(std::string_view name) const noexcept;

  private:
    std::array<char, 4096> text_;
    std::size_t length_ = 0;
};

}  // namespace pinfold::detail
