#pragma once

#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace pinfold::apps {

/// An argument of a command as its user sees it, and the place for what the user types.
///
/// A name that starts with dashes is an option: a flag if its place is a bool, else one with a
/// value. Any other name is an operand, which is known by its position. What is not typed leaves
/// its place as it was; of an option that is typed twice the last value counts, so that a script
/// or an alias can be overruled, unless its place is a vector, which takes them all. An empty text
/// is refused as a value.
struct Argument {
    /// A flag with an optional place has a counterpart: --progress comes with --no-progress.
    using Place =
        std::variant<std::string*, std::vector<std::string>*, bool*, std::optional<bool>*>;

    std::string name;
    Place place;
    std::string description;
    std::string type = "TEXT";  ///< what the help calls an option's value
    std::string group = {};     ///< the help's heading over it; empty is the usual one
    bool required = false;
    bool shows_default = false;              ///< the help tells what its place holds
    std::vector<std::string> excludes = {};  ///< other arguments that may not come with it
    std::vector<std::string> needs = {};     ///< other arguments that must come with it
};

/// A command of a program. The places of its arguments live as long as `run`, which takes what was
/// typed from there.
struct Subcommand {
    std::string name;
    std::string description;
    std::vector<Argument> arguments;
    std::string footer;  ///< of its help
    std::function<void()> run;
};

/// A program that is called with the name of one of its commands.
struct Program {
    std::string name;
    std::string version;
    std::string description;
    std::string footer;
    std::vector<Subcommand> commands;
};

/// What a command line asks for: a text to print, or a command to run, or neither.
struct Request {
    std::optional<std::string> text;      ///< of --help or --version
    const Subcommand* command = nullptr;  ///< one of the program's
};

/// Reads the words behind the program's name, fills the places of the arguments and runs nothing.
/// Throws std::invalid_argument that says what is wrong, and where the help is.
[[nodiscard]] Request parse_arguments(const Program& program,
                                      const std::vector<std::string>& words);

}  // namespace pinfold::apps
