#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pinfold::apps {

/// A command of this program, as a study sees it.
struct OwnCommand {
    std::string name;
    std::vector<std::string> options;  ///< their names, such as --method

    [[nodiscard]] bool has(std::string_view option) const;
};

/// The one that the words call: its name is the first of them. A program of the same name is called
/// by its path, such as ./fib.
///
/// Throws std::invalid_argument for a command that runs no job, and for an option that the study
/// gives by itself or that would spoil it, such as --workers or --journal.
[[nodiscard]] std::optional<OwnCommand> find_own(const std::vector<std::string>& words,
                                                 const std::vector<OwnCommand>& commands);

/// What stands behind an option in the words, as "--method sieve" or "--method=sieve"; the last one
/// counts.
[[nodiscard]] std::optional<std::string> value_of_option(const std::vector<std::string>& words,
                                                         std::string_view option);

}  // namespace pinfold::apps
