#include "shell/duration.hpp"

#include <string>

#include "fuzz_target.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace pinfold::fuzz;
    using pinfold::apps::parse_duration;
    using namespace std::chrono_literals;
    const auto time = accepted([&] { return parse_duration("TIME", as_text(data, size)); });
    if (time) {
        require(*time >= 1us && *time <= 8760h, "a duration is between 1 us and a year");
        require(*time % 1us == 0ns, "a duration is whole microseconds");
        require(parse_duration("TIME", std::to_string(*time / 1us) + "us") == *time,
                "a printed duration reads as itself");
    }
    return 0;
}
