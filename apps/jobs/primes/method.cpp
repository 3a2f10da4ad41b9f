#include "jobs/primes/method.hpp"

#include <fmt/format.h>

#include <stdexcept>

namespace pinfold::apps {

std::string_view to_string(Method method) noexcept {
    switch (method) {
        case Method::sieve:
            return "sieve";
        case Method::hybrid:
            return "hybrid";
        case Method::combinatorial:
            return "combinatorial";
        case Method::trial:
            break;
    }
    return "trial";
}

std::optional<Method> parse_method(std::string_view name) {
    if (name == "auto") {
        return std::nullopt;
    }
    for (const Method method : all_methods) {
        if (name == to_string(method)) {
            return method;
        }
    }
    throw std::invalid_argument(
        fmt::format("--method '{}' is not one of auto, sieve, hybrid, combinatorial, trial", name));
}

}  // namespace pinfold::apps
