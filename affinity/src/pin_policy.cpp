#include <array>
#include <charconv>
#include <pinfold/affinity/cpu_list.hpp>
#include <pinfold/affinity/pin_policy.hpp>
#include <stdexcept>
#include <utility>

namespace pinfold::affinity {
namespace {

using Kind = PinPolicy::Kind;

constexpr std::string_view numa_prefix = "@numa:";

constexpr std::array<std::pair<Kind, std::string_view>, 4> named_kinds{{
    {Kind::cores, "cores"},
    {Kind::compact, "compact"},
    {Kind::scatter, "scatter"},
    {Kind::none, "none"},
}};

[[noreturn]] void refuse(std::string_view text, const std::string& why) {
    throw std::invalid_argument("pin policy '" + std::string(text) + "' " + why);
}

std::optional<Kind> find_kind(std::string_view name) {
    for (const auto& [kind, kind_name] : named_kinds) {
        if (kind_name == name) {
            return kind;
        }
    }
    return std::nullopt;
}

int parse_numa_node(std::string_view digits, std::string_view text) {
    int node = -1;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), node);
    if (error != std::errc{} || end != digits.data() + digits.size() || node < 0) {
        refuse(text, "names NUMA node '" + std::string(digits) + "', which is no number from 0 up");
    }
    return node;
}

bool starts_like_a_list(std::string_view text) {
    return !text.empty() && text.front() >= '0' && text.front() <= '9';
}

}  // namespace

PinPolicy parse_pin_policy(std::string_view text) {
    const auto at = text.find('@');
    const auto base = text.substr(0, at);
    PinPolicy policy;
    if (const auto kind = find_kind(base)) {
        policy.kind = *kind;
    } else if (starts_like_a_list(base)) {
        policy.kind = Kind::list;
        policy.cpus = parse_cpu_list(base);
    } else {
        refuse(text, "is not cores, compact, scatter, none or a CPU list such as 0,2,4-7");
    }
    if (at == std::string_view::npos) {
        return policy;
    }
    if (!text.substr(at).starts_with(numa_prefix)) {
        refuse(text, "goes on with something other than @numa:N");
    }
    if (policy.kind == Kind::none || policy.kind == Kind::list) {
        refuse(text, "cannot be kept to a NUMA node; only cores, compact and scatter can");
    }
    policy.numa_node = parse_numa_node(text.substr(at + numa_prefix.size()), text);
    return policy;
}

std::string to_string(const PinPolicy& policy) {
    std::string text;
    for (const auto& [kind, name] : named_kinds) {
        if (kind == policy.kind) {
            text = name;
        }
    }
    if (policy.kind == Kind::list) {
        text = format_cpu_list(policy.cpus);
    }
    if (policy.numa_node) {
        text += std::string(numa_prefix) + std::to_string(*policy.numa_node);
    }
    return text;
}

}  // namespace pinfold::affinity
