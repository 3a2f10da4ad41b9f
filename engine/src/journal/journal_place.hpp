#pragma once

#include <sys/types.h>

#include <array>
#include <cstdint>

namespace pinfold::detail {

/// Where workers find the journal of a board's job. They were forked before it was opened, so each
/// maps it by itself; the file's identity makes sure that it is still the same.
struct JournalPlace {
    std::array<char, 4096> path{};  // absolute
    dev_t device = 0;
    ino_t inode = 0;
    std::uint64_t identity = 0;  // the header's checksum
    std::uint64_t result_bytes = 0;
};

}  // namespace pinfold::detail
