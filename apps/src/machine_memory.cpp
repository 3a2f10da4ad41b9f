#include "machine_memory.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <stdexcept>

namespace pinfold::apps {

namespace {

uint128 machine_bytes() {
    const long pages = sysconf(_SC_PHYS_PAGES);
    const long page_bytes = sysconf(_SC_PAGESIZE);
    return static_cast<uint128>(pages) * static_cast<uint128>(page_bytes);
}

uint128 mebibytes(uint128 bytes) {
    constexpr uint128 mebibyte = uint128{1} << 20;
    return (bytes + mebibyte - 1) / mebibyte;
}

}  // namespace

void check_memory(std::string_view what, uint128 bytes) {
    if (bytes > machine_bytes()) {
        throw std::invalid_argument(
            fmt::format("{} needs about {} MiB of memory, this machine has {}", what,
                        mebibytes(bytes), mebibytes(machine_bytes())));
    }
}

}  // namespace pinfold::apps
