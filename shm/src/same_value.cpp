#include <pinfold/shm/same_value.hpp>

namespace pinfold::shm::detail {

bool cannot_compare(void*, void*) noexcept {
    return false;
}

}  // namespace pinfold::shm::detail
