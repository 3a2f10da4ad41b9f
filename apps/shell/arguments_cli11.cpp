// CLI11 appears in this file alone: what includes it compiles for ten seconds.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <sstream>
#include <stdexcept>
#include <string_view>

#include "shell/arguments.hpp"

namespace pinfold::apps {

namespace {

/// An option with a value, or an operand.
template <typename Value>
CLI::Option* add(CLI::App& command, const Argument& argument, Value* place) {
    CLI::Option* const option = command.add_option(argument.name, *place, argument.description);
    option->type_name(argument.name.starts_with('-') ? argument.type : "");
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
    return command.add_flag(argument.name + ",!" + counterpart, *place, argument.description);
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

}  // namespace

Request parse_arguments(const Program& program, const std::vector<std::string>& words) {
    CLI::App app(program.description);
    describe(app, program);
    try {
        app.parse(std::vector<std::string>(words.rbegin(), words.rend()));
    } catch (const CLI::Success& asked) {
        std::ostringstream text;
        app.exit(asked, text, text);
        return {text.str(), nullptr};
    } catch (const CLI::Error& error) {
        throw std::invalid_argument(std::string(error.what()) + " (see " + program.name +
                                    " --help)");
    }
    Request request;
    for (const CLI::App* const parsed : app.get_subcommands()) {
        request.command =
            &*std::ranges::find(program.commands, parsed->get_name(), &Subcommand::name);
    }
    return request;
}

}  // namespace pinfold::apps
