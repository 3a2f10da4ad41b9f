#include "commands/command_line.hpp"

#include <algorithm>
#include <csignal>
#include <cstring>
#include <exception>
#include <new>
#include <pinfold/engine/errors.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "commands/commands.hpp"
#include "shell/output.hpp"
#include "shell/stop_signals.hpp"

namespace pinfold::apps {

namespace {

constexpr int success = 0;
constexpr int failure = 1;
constexpr int bad_input = 2;

constexpr const char* footer =
    "Ranges are half-open: BEGIN is in the range, END is not, so 0 10 means 0 to 9.\n"
    "Numbers may be written 1000000, 1_000_000, 1e6, 1e+06, 10^6 or 2^20, up to 2^64. END may\n"
    "also be A+B, A-B, or +LENGTH, which counts from BEGIN: 10^12 +1e6. Of an option that is\n"
    "given twice, the last value counts.\n"
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
    "  pinfold words book.txt --top 20\n"
    "  pinfold topo --workers 4 --pin compact\n"
    "  pinfold scale --out study -- prime-sum 0 1e10 --method sieve\n"
    "  pinfold compare main-study branch-study\n"
    "  pinfold COMMAND --help";

/// What a user typed behind an option of `command`.
const std::string& typed(const Subcommand& command, std::string_view option) {
    const auto argument = std::ranges::find(command.arguments, option, &Argument::name);
    return *std::get<std::string*>(argument->place);
}

void print(const std::string& text) {
    Output output;
    output.write(text);
    output.finish();
}

/// The exit status of the exception that is being handled, which is told to the user.
int report_exception(const StopSignals& signals) {
    try {
        throw;
    } catch (const std::invalid_argument& error) {
        print_error(error.what());
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

void parse_and_run(const std::vector<std::string>& words, const StopSignals& signals) {
    const Program program = pinfold_program(signals);
    const Request request = parse_arguments(program, words);
    if (request.text) {
        print(*request.text);
        return;
    }
    if (request.command == nullptr) {
        throw std::invalid_argument("a command is needed, such as prime-sum (see pinfold --help)");
    }
    try {
        request.command->run();
    } catch (const Timeout&) {
        // The error knows what the jobs before it had left of the deadline; the user, all of it.
        throw std::runtime_error("the job did not end within --deadline " +
                                 typed(*request.command, "--deadline"));
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
        parse_and_run({argv + std::min(argc, 1), argv + argc}, signals);
    } catch (...) {
        status = report_exception(signals);
    }
    return signals.caught() != 0 ? 128 + signals.caught() : status;
}

}  // namespace

Program pinfold_program(const StopSignals& signals) {
    return {"pinfold",
            PINFOLD_VERSION,
            "Map and fold ranges of numbers on pinned workers that survive crashes",
            footer,
            {prime_sum_command(signals), prime_count_command(signals), fib_command(signals),
             is_prime_command(signals), nth_prime_command(signals), next_prime_command(),
             previous_prime_command(), words_command(signals), journal_command(), topo_command(),
             compare_command(), scale_command(signals), top_command(signals)}};
}

int run_command_line(int argc, char** argv) noexcept {
    try {
        return run(argc, argv);
    } catch (const std::exception& error) {
        print_error(error.what());
        return failure;
    }
}

}  // namespace pinfold::apps
