// The input is a whole command line, one word a line, which is parsed and not run.

#include <algorithm>

#include "arguments.hpp"
#include "commands/commands.hpp"
#include "fuzz_target.hpp"
#include "shell/stop_signals.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace pinfold;
    using namespace pinfold::fuzz;
    static const apps::StopSignals signals;
    const apps::Program program = apps::pinfold_program(signals);
    const auto request =
        accepted([&] { return apps::parse_arguments(program, words_of(as_text(data, size))); });
    if (!request) {
        return 0;
    }
    require(!request->text || !request->text->empty(), "help has a text");
    require(!request->text || request->command == nullptr, "a text is printed or a command runs");
    require(
        request->command == nullptr ||
            std::ranges::any_of(program.commands,
                                [&](const auto& command) { return &command == request->command; }),
        "a command that is asked for is one of the program's");
    return 0;
}
