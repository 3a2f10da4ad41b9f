#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pinfold::apps {

/// The files in which a kernel describes its machine, below a folder that stands for "/": tests lay
/// out those of other machines. A file that is missing or makes no sense tells nothing.
class MachineFiles {
  public:
    explicit MachineFiles(std::filesystem::path root) : root_(std::move(root)) {}

    [[nodiscard]] const std::filesystem::path& root() const noexcept { return root_; }
    [[nodiscard]] std::filesystem::path path(std::string_view file) const { return root_ / file; }
    [[nodiscard]] bool has(std::string_view file) const;

    /// The file as text, up to a MiB of it.
    [[nodiscard]] std::optional<std::string> text(std::string_view file) const;

    /// Its first line, without blanks around it; nothing for an empty one.
    [[nodiscard]] std::optional<std::string> line(std::string_view file) const;

    /// The number with which it begins.
    [[nodiscard]] std::optional<double> number(std::string_view file) const;

    /// What stands behind the first `key`, blanks and the separator, as in "MemTotal: 12 kB".
    [[nodiscard]] std::optional<std::string> entry(std::string_view file, std::string_view key,
                                                   char separator = ':') const;

    /// The names in a folder, sorted; none where there is no such folder.
    [[nodiscard]] std::vector<std::string> names_in(std::string_view folder) const;

  private:
    std::filesystem::path root_;
};

/// The number with which a text begins, whatever the locale is.
[[nodiscard]] std::optional<double> leading_number(std::string_view text);

/// The text without the blanks and line ends around it.
[[nodiscard]] std::string_view trimmed(std::string_view text);

/// The words of a text.
[[nodiscard]] std::vector<std::string_view> words_of(std::string_view text);

/// What stands behind the first line that begins with `key`, blanks and the separator.
[[nodiscard]] std::optional<std::string> entry_of(std::string_view text, std::string_view key,
                                                  char separator = ':');

}  // namespace pinfold::apps
