#include "jobs/primes/method.hpp"

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

}  // namespace pinfold::apps
