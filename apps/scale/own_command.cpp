#include "scale/own_command.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace pinfold::apps {

namespace {

struct Refusal {
    std::string_view option;
    std::string_view why;
};

constexpr std::array refusals{
    Refusal{"--crew", "the study gives it; its own option is --crews"},
    Refusal{"--workers", "the study gives it; its own option is --workers, before the command"},
    Refusal{"--pin", "the study gives it; its own option is --pins"},
    Refusal{"--csv", "the study reads the command's JSON"},
    Refusal{"--trace", "the study traces a run of each series by itself"},
    Refusal{"--journal", "the second run would find all done by the first"},
    Refusal{"--verify", "each run would do its work twice"},
    Refusal{"--progress", "the study shows its own"},
};

bool is_given(const std::vector<std::string>& words, std::string_view option) {
    return std::ranges::any_of(words, [&](const std::string& word) {
        return word == option || word.starts_with(fmt::format("{}=", option));
    });
}

}  // namespace

bool OwnCommand::has(std::string_view option) const {
    return std::ranges::find(options, option) != options.end();
}

std::optional<OwnCommand> find_own(const std::vector<std::string>& words,
                                   const std::vector<OwnCommand>& commands) {
    const auto own = std::ranges::find(commands, words.front(), &OwnCommand::name);
    if (own == commands.end()) {
        return std::nullopt;
    }
    if (!own->has("--crew")) {
        throw std::invalid_argument(fmt::format(
            "'{}' runs no job that workers share: there is nothing to scale", own->name));
    }
    for (const auto& [option, why] : refusals) {
        if (is_given(words, option)) {
            throw std::invalid_argument(fmt::format("'{}' of the command: {}", option, why));
        }
    }
    return *own;
}

std::optional<std::string> value_of_option(const std::vector<std::string>& words,
                                           std::string_view option) {
    std::optional<std::string> value;
    const std::string assigned = fmt::format("{}=", option);
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (words[i] == option && i + 1 < words.size()) {
            value = words[i + 1];
        } else if (words[i].starts_with(assigned)) {
            value = words[i].substr(assigned.size());
        }
    }
    return value;
}

}  // namespace pinfold::apps
