#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>

#include "commands/commands.hpp"
#include "shell/duration.hpp"
#include "shell/output.hpp"
#include "shell/stop_signals.hpp"
#include "top/pool_finder.hpp"
#include "top/pool_table.hpp"
#include "top/screen.hpp"

namespace pinfold::apps {

namespace {

constexpr const char* command_name = "top";

// A pool's page is not written more often.
constexpr std::chrono::milliseconds shortest_interval{100};

struct TopOptions {
    std::string interval = "1s";
    bool once = false;
    bool json = false;
};

void print_once(const TopOptions& options) {
    PoolFinder finder;
    const Look look = finder.look();
    JobRates rates;
    rates.add(look);
    Output output;
    if (options.json) {
        output.write(json_of(look, rates).dump() + "\n");
    } else {
        for (const std::string& line : table_of(look, rates, 0, 0)) {
            output.write(line + "\n");
        }
    }
    output.finish();
}

void follow(std::chrono::nanoseconds interval, const StopSignals& signals) {
    PoolFinder finder;
    JobRates rates;
    Screen screen;
    std::mutex mutex;
    std::condition_variable_any nobody_calls;
    std::unique_lock lock(mutex);
    const std::stop_token stop = signals.token();
    while (!stop.stop_requested()) {
        const Look look = finder.look();
        rates.add(look);
        const Screen::Size size = screen.size();
        screen.show(table_of(look, rates, size.columns, std::max<std::size_t>(size.rows, 2) - 1));
        nobody_calls.wait_for(lock, stop, interval, [] { return false; });
    }
}

void run(const TopOptions& options, const StopSignals& signals) {
    const std::chrono::nanoseconds interval = parse_duration("--interval", options.interval);
    if (interval < shortest_interval) {
        throw std::invalid_argument("--interval '" + options.interval +
                                    "' is below 100ms, which is how often a pool tells");
    }
    if (options.once || options.json || !Screen::is_there()) {
        print_once(options);
    } else {
        follow(interval, signals);
    }
}

}  // namespace

Subcommand top_command(const StopSignals& signals) {
    const auto options = std::make_shared<TopOptions>();
    return {
        command_name,
        "Show running pools of worker processes, and how far their jobs are",
        {{.name = "--interval",
          .place = &options->interval,
          .description = "look again after this time, 100ms or more",
          .type = "TIME",
          .shows_default = true},
         {.name = "--once",
          .place = &options->once,
          .description = "print what there is now, as lines; so it is too where\nstandard "
                         "output is no terminal, or TERM is dumb"},
         {.name = "--json", .place = &options->json, .description = "print one JSON object, once"}},
        "Examples:\n"
        "  pinfold top                       until Ctrl-C\n"
        "  pinfold top --once --json\n"
        "Pools of threads, and serial ones, have no supervisor that could tell, and are not\n"
        "seen. A job is seen when it has run for a second. What is shown is at most 0.1 s old.\n"
        "Pools of other users are root's to see.",
        [options, &signals] { run(*options, signals); }};
}

}  // namespace pinfold::apps
