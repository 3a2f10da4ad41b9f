#include <pinfold/shm/host_only_memory.hpp>

#include <sys/mman.h>

#include <cerrno>
#include <string>
#include <system_error>

#include "pages.hpp"

namespace pinfold::shm {

HostOnlyMemory::HostOnlyMemory(std::span<std::byte> memory) : pages_(pages_inside(memory)) {
    if (!pages_.empty() && madvise(pages_.data(), pages_.size(), MADV_DONTFORK) != 0) {
        throw std::system_error(
            errno, std::generic_category(),
            "cannot keep " + std::to_string(pages_.size()) + " bytes of memory from children");
    }
}

HostOnlyMemory::~HostOnlyMemory() {
    if (!pages_.empty()) {
        madvise(pages_.data(), pages_.size(), MADV_DOFORK);
    }
}

}  // namespace pinfold::shm
