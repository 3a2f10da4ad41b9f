// CLI11 appears in this file alone: what includes it compiles for ten seconds.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdint>
#include <sstream>
#include <stdexcept>
#include <string_view>
#include <type_traits>
#include <vector>

#include "shell/arguments.hpp"

namespace pinfold::apps {

namespace {

bool is_option(const Argument& argument) {
    return argument.name.starts_with('-');
}

/// An empty text is what a script's unset variable leaves, and never what its author means.
[[noreturn]] void refuse_empty(const std::string& name) {
    throw std::invalid_argument(name + " '' is empty: give it a value, or leave it out");
}

/// An option with a value, or an operand.
template <typename Value>
CLI::Option* add(CLI::App& command, const Argument& argument, Value* place) {
    CLI::Option* const option = command.add_option(argument.name, *place, argument.description);
    option->type_name(is_option(argument) ? argument.type : "");
    option->check([name = argument.name](const std::string& value) {
        if (value.empty()) {
            refuse_empty(name);
        }
        return std::string();
    });
    if (std::is_same_v<Value, std::vector<std::string>>) {
        option->allow_extra_args(!is_option(argument));  // an option takes one text each time
    } else if (is_option(argument)) {
        option->take_last();
    }
    if (argument.shows_default) {
        option->capture_default_str();
    }
    return option;
}

CLI::Option* add(CLI::App& command, const Argument& argument, bool* place) {
    return command.add_flag(argument.name, *place, argument.description);
}

CLI::Option* add(CLI::App& command, const Argument& argument, std::optional<bool>* place) {
    const std::string counterpart = "--no-" + argument.name.substr(std::string_view("--").size());
    // CLI11 would set an optional flag to false when it is not given.
    return command
        .add_flag_function(
            argument.name + ",!" + counterpart, [place](std::int64_t value) { *place = value > 0; },
            argument.description)
        ->take_last();
}

void add_argument(CLI::App& command, const Argument& argument) {
    CLI::Option* const option =
        std::visit([&](auto* place) { return add(command, argument, place); }, argument.place);
    option->required(argument.required);
    if (!argument.group.empty()) {
        option->group(argument.group);
    }
    for (const std::string& other : argument.excludes) {
        option->excludes(command.get_option(other));
    }
    for (const std::string& other : argument.needs) {
        option->needs(command.get_option(other));
    }
}

void describe(CLI::App& app, const Program& program) {
    app.name(program.name);
    app.set_version_flag("--version", program.name + " " + program.version);
    app.require_subcommand(0, 1);  // of none the caller knows to say more
    app.get_formatter()->column_width(34);
    app.footer(program.footer);
    for (const Subcommand& subcommand : program.commands) {
        CLI::App& command = *app.add_subcommand(subcommand.name, subcommand.description);
        for (const Argument& argument : subcommand.arguments) {
            add_argument(command, argument);
        }
        command.footer(subcommand.footer);
    }
}

const Subcommand* find_command(const Program& program, std::string_view name) {
    const auto found = std::ranges::find(program.commands, name, &Subcommand::name);
    return found == program.commands.end() ? nullptr : &*found;
}

bool takes_value(const Subcommand* command, std::string_view word) {
    return command != nullptr &&
           std::ranges::any_of(command->arguments, [&](const Argument& argument) {
               return argument.name == word && !std::holds_alternative<bool*>(argument.place) &&
                      !std::holds_alternative<std::optional<bool>*>(argument.place);
           });
}

/// CLI11 takes the word behind `--mod=` for its value, and `--json=` for `--json`.
void refuse_empty_assignments(const Program& program, const std::vector<std::string>& words) {
    const Subcommand* command = nullptr;
    bool is_value = false;  // of the option before it, and then any text
    for (const std::string& word : words) {
        if (is_value) {
            is_value = false;
            continue;
        }
        if (word == "--") {
            return;
        }
        if (word.starts_with("--") && word.find('=') == word.size() - 1) {
            refuse_empty(word.substr(0, word.size() - 1));
        }
        is_value = takes_value(command, word);
        command = command == nullptr ? find_command(program, word) : command;
    }
}

/// CLI11 looks for what is missing before it looks at what is too much: a misspelt option would be
/// told as a missing one.
std::string what_is_wrong(const CLI::App& app, const CLI::Error& error) {
    if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::RequiredError)) {
        for (const std::string& word : app.remaining(true)) {
            if (word.starts_with("-")) {
                return "The following argument was not expected: " + word;
            }
        }
    }
    return error.what();
}

}  // namespace

Request parse_arguments(const Program& program, const std::vector<std::string>& words) {
    refuse_empty_assignments(program, words);
    CLI::App app(program.description);
    describe(app, program);
    try {
        app.parse(std::vector<std::string>(words.rbegin(), words.rend()));
    } catch (const CLI::Success& asked) {
        std::ostringstream text;
        app.exit(asked, text, text);
        return {text.str(), nullptr};
    } catch (const CLI::Error& error) {
        const auto command = std::ranges::find_if(
            words, [&](const std::string& word) { return find_command(program, word) != nullptr; });
        throw std::invalid_argument(what_is_wrong(app, error) + " (see " + program.name + " " +
                                    (command == words.end() ? "" : *command + " ") + "--help)");
    }
    Request request;
    for (const CLI::App* const parsed : app.get_subcommands()) {
        request.command = find_command(program, parsed->get_name());
    }
    return request;
}

}  // namespace pinfold::apps
