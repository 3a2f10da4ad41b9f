// A small program as a user would write it, for environments_test to run where little works: it
// makes a pool, runs one job, and reports the value, or what was thrown, as one line.
//
//     pool_once REPORT CREW PIN [refuse CALL ERROR] [reap]
//
// REPORT is an open descriptor. `refuse` makes the system answer a call by an error from the first
// line of main() on, and `reap` makes the host wait for any child at each SIGCHLD.

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <exception>
#include <functional>
#include <pinfold/engine/map_reduce.hpp>
#include <string>

#include "refused_call.hpp"

namespace {

void report(int descriptor, const std::string& text) {
    const std::string line = text + "\n";
    [[maybe_unused]] const auto written = write(descriptor, line.data(), line.size());
}

void reap_whatever_ends() {
    struct sigaction action {};
    action.sa_handler = [](int) {
        while (waitpid(-1, nullptr, WNOHANG) > 0) {
        }
    };
    sigaction(SIGCHLD, &action, nullptr);
}

std::string value_of_a_job(const char* crew, const char* pin) {
    const int workers = pinfold::parse_crew(crew) == pinfold::Crew::serial ? 1 : 2;
    pinfold::Pool pool({.crew = pinfold::parse_crew(crew), .workers = workers, .pin = pin});
    pinfold::JobOptions<std::uint64_t> options;
    options.grain = 1;
    const auto result = pinfold::map_reduce(
        pool, pinfold::Range{0, 1000}, 0,
        [](const int&, const pinfold::Chunk& chunk) {
            std::uint64_t sum = 0;
            for (std::uint64_t i = chunk.begin; i < chunk.end; ++i) {
                sum += i;
            }
            return sum;
        },
        std::plus<>{}, options);
    return "value " + std::to_string(result.value);
}

}  // namespace

int main(int count, char** arguments) {
    const int descriptor = std::atoi(arguments[1]);
    std::string text;
    try {
        for (int i = 4; i < count; ++i) {
            if (std::strcmp(arguments[i], "reap") == 0) {
                reap_whatever_ends();
            } else if (std::strcmp(arguments[i], "refuse") == 0) {
                pinfold::testing::refuse_call(std::atoi(arguments[i + 1]),
                                              std::atoi(arguments[i + 2]));
                i += 2;
            }
        }
        text = value_of_a_job(arguments[2], arguments[3]);
    } catch (const std::exception& e) {
        text = std::string("error ") + e.what();
    } catch (...) {
        text = "error without a text";
    }
    report(descriptor, text);
    return 0;
}
