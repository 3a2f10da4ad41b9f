// The input is a whole command line, one word a line, which is parsed and not run.

#include <CLI/CLI.hpp>

#include "arguments.hpp"
#include "commands/fib_command.hpp"
#include "commands/is_prime_command.hpp"
#include "commands/journal_command.hpp"
#include "commands/near_prime_command.hpp"
#include "commands/nth_prime_command.hpp"
#include "commands/prime_totals_command.hpp"
#include "commands/topo_command.hpp"
#include "fuzz_target.hpp"
#include "shell/stop_signals.hpp"

namespace pinfold::fuzz {
namespace {

/// Thrown when all is parsed and before a command runs.
struct Parsed {};

void add_commands(CLI::App& app) {
    static const apps::StopSignals signals;
    app.set_version_flag("--version", "0");
    app.require_subcommand(0, 1);
    apps::add_prime_totals_commands(app, signals);
    apps::add_fib_command(app, signals);
    apps::add_is_prime_command(app, signals);
    apps::add_nth_prime_command(app, signals);
    apps::add_near_prime_commands(app);
    apps::add_journal_command(app);
    apps::add_topo_command(app);
    app.parse_complete_callback([] { throw Parsed{}; });
}

}  // namespace
}  // namespace pinfold::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace pinfold::fuzz;
    CLI::App app;
    add_commands(app);
    try {
        app.parse(reversed_arguments(as_text(data, size)));
        require(false, "a command line that is accepted comes to its commands");
    } catch (const Parsed&) {
        require(app.get_subcommands().size() <= 1, "at most one command is asked for");
    } catch (const CLI::Success&) {
        require(!app.help("", CLI::AppFormatMode::All).empty(), "help has a text");
    } catch (const CLI::Error& refusal) {
        require(*refusal.what() != '\0', "a refusal says why");
    }
    return 0;
}
