#include "commands/command_line.hpp"

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstring>
#include <exception>
#include <new>
#include <pinfold/engine/errors.hpp>
#include <sstream>
#include <stdexcept>
#include <string>

#include "commands/fib_command.hpp"
#include "commands/is_prime_command.hpp"
#include "commands/journal_command.hpp"
#include "commands/near_prime_command.hpp"
#include "commands/nth_prime_command.hpp"
#include "commands/prime_totals_command.hpp"
#include "commands/topo_command.hpp"
#include "shell/output.hpp"
#include "shell/stop_signals.hpp"

namespace pinfold::apps {

namespace {

constexpr int success = 0;
constexpr int failure = 1;
constexpr int bad_input = 2;

void describe(CLI::App& app) {
    app.name("pinfold");
    app.set_version_flag("--version", std::string("pinfold ") + PINFOLD_VERSION);
    app.require_subcommand(0, 1);  // with none, parse_and_run() says more than CLI11 would
    app.get_formatter()->column_width(34);
    app.footer(
        "Ranges are half-open: BEGIN is in the range, END is not, so 0 10 means 0 to 9.\n"
        "Numbers may be written 1000000, 1_000_000, 1e6, 10^6 or 2^20, up to 2^64. END may also "
        "be\n"
        "A+B, A-B, or +LENGTH, which counts from BEGIN: 10^12 +1e6.\n"
        "\n"
        "The result alone goes to standard output. Exit status: 0 success, 1 failure, 2 bad "
        "input,\n"
        "130 after Ctrl-C.\n"
        "\n"
        "Examples:\n"
        "  pinfold prime-sum 0 1e9\n"
        "  pinfold prime-sum 0 1e14 --workers 4 --crew threads --json\n"
        "  pinfold fib 10^18 --mod 1000000007\n"
        "  pinfold is-prime 97 91\n"
        "  pinfold prime-count 10^12 +1e6\n"
        "  pinfold nth-prime 1e9\n"
        "  pinfold next-prime 10^18\n"
        "  pinfold topo --workers 4 --pin compact\n"
        "  pinfold COMMAND --help");
}

/// What --help and --version ask for.
void print_request(const CLI::App& app, const CLI::Success& request) {
    std::ostringstream text;
    app.exit(request, text, text);
    Output output;
    output.write(text.str());
    output.finish();
}

/// The exit status of the exception that is being handled, which is told to the user.
int report_exception(const StopSignals& signals) {
    try {
        throw;
    } catch (const std::invalid_argument& error) {
        print_error(error.what());
        return bad_input;
    } catch (const CLI::Error& error) {
        print_error(std::string(error.what()) + " (see pinfold --help)");
        return bad_input;
    } catch (const std::bad_alloc&) {
        print_error("out of memory");
    } catch (const std::exception& error) {
        if (signals.caught() != 0) {
            print_error(std::string("stopped by a signal: ") + strsignal(signals.caught()));
        } else {
            print_error(error.what());
        }
    }
    return failure;
}

void parse_and_run(CLI::App& app, int argc, char** argv, const StopSignals& signals) {
    describe(app);
    add_prime_totals_commands(app, signals);
    add_fib_command(app, signals);
    add_is_prime_command(app, signals);
    add_nth_prime_command(app, signals);
    add_near_prime_commands(app);
    add_journal_command(app);
    add_topo_command(app);
    try {
        app.parse(argc, argv);  // runs the command that it finds
    } catch (const CLI::Success& request) {
        print_request(app, request);
        return;
    } catch (const Timeout&) {
        // The error knows what the jobs before it had left of the deadline; the user, all of it.
        const CLI::Option* deadline = app.get_subcommands().front()->get_option("--deadline");
        throw std::runtime_error("the job did not end within --deadline " +
                                 deadline->as<std::string>());
    }
    if (app.get_subcommands().empty()) {
        throw std::invalid_argument("a command is needed, such as prime-sum (see pinfold --help)");
    }
}

int run(int argc, char** argv) {
    hold_standard_descriptors();
    // A reader that went away is then an error of write(), and not a silent end.
    std::signal(SIGPIPE, SIG_IGN);
    const StopSignals signals;
    int status = success;
    try {
        check_standard_output();
        CLI::App app("Map and fold ranges of numbers on pinned workers that survive crashes");
        parse_and_run(app, argc, argv, signals);
    } catch (...) {
        status = report_exception(signals);
    }
    return signals.caught() != 0 ? 128 + signals.caught() : status;
}

}  // namespace

int run_command_line(int argc, char** argv) noexcept {
    try {
        return run(argc, argv);
    } catch (const std::exception& error) {
        print_error(error.what());
        return failure;
    }
}

}  // namespace pinfold::apps
