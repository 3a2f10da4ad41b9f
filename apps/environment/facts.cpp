#include "environment/facts.hpp"

#include <fmt/format.h>

namespace pinfold::apps {

void Facts::add(std::string name, const std::optional<std::string>& text) {
    facts_.push_back({.group = group_,
                      .name = std::move(name),
                      .text = text.value_or(unknown),
                      .number = std::nullopt,
                      .unit = ""});
}

void Facts::add(std::string name, std::optional<double> number, const std::string& unit,
                const std::string& text) {
    facts_.push_back({.group = group_,
                      .name = std::move(name),
                      .text = number ? text : unknown,
                      .number = number,
                      .unit = number ? unit : ""});
}

void Facts::add(std::string name, std::optional<double> number, const std::string& unit) {
    const double value = number.value_or(0);
    const std::string plain = fmt::format("{:g}{}{}", value, unit.empty() ? "" : " ", unit);
    add(std::move(name), number, unit, unit == "B" ? bytes_text(value) : plain);
}

std::string bytes_text(double bytes) {
    constexpr double kib = 1024;
    if (bytes < kib * kib) {
        return fmt::format("{:.4g} KiB", bytes / kib);
    }
    const bool in_gib = bytes >= kib * kib * kib;
    return fmt::format("{:.4g} {}", bytes / (kib * kib * (in_gib ? kib : 1)),
                       in_gib ? "GiB" : "MiB");
}

}  // namespace pinfold::apps
