#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <pinfold/engine/detail/algorithms/bring_in.hpp>

namespace pinfold::detail {

// A system that cannot do so brings each page in when it is first written.
void bring_in(std::byte* data, std::size_t bytes) noexcept {
    const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
    const auto begin = reinterpret_cast<std::uintptr_t>(data) / page * page;
    const auto end = reinterpret_cast<std::uintptr_t>(data) + bytes;
    if (bytes != 0) {
        madvise(reinterpret_cast<void*>(begin), end - begin, MADV_POPULATE_WRITE);
    }
}

}  // namespace pinfold::detail
