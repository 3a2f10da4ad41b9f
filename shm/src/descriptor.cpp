#include <pinfold/shm/descriptor.hpp>

#include <unistd.h>

namespace pinfold::shm {

void Descriptor::reset() noexcept {
    if (number_ >= 0) {
        close(std::exchange(number_, -1));
    }
}

}  // namespace pinfold::shm
