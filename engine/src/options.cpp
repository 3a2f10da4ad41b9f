#include <array>
#include <pinfold/engine/options.hpp>
#include <stdexcept>
#include <utility>

namespace pinfold {

namespace {

constexpr std::array crew_names{
    std::pair{Crew::serial, std::string_view("serial")},
    std::pair{Crew::threads, std::string_view("threads")},
    std::pair{Crew::processes, std::string_view("processes")},
};

}  // namespace

std::string_view to_string(Crew crew) noexcept {
    for (const auto& [known, name] : crew_names) {
        if (known == crew) {
            return name;
        }
    }
    return crew == Crew::automatic ? "automatic" : "unknown";
}

Crew parse_crew(std::string_view name) {
    for (const auto& [crew, known] : crew_names) {
        if (known == name) {
            return crew;
        }
    }
    throw std::invalid_argument("crew '" + std::string(name) +
                                "' is not one of serial, threads, processes");
}

}  // namespace pinfold
