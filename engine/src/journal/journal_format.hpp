#pragma once

// A journal is a header of one page and a slot for each chunk, nothing else: no claims, pids or
// addresses. A slot counts only if its checksum over the job's identity, the chunk's index and the
// result holds, so torn, stale and foreign bytes are chunks that did not run.

#include <array>
#include <cstddef>
#include <cstdint>
#include <pinfold/engine/journal.hpp>

namespace pinfold::detail {

inline constexpr std::size_t journal_header_bytes = 4096;

struct JournalHeader {
    std::array<char, 16> magic{};  // "pinfold journal\n"
    std::uint64_t byte_order = 0;  // 0x0102030405060708 as this machine writes it
    std::uint64_t format = 0;
    std::array<char, 208> kernel{};  // zero-terminated
    std::uint64_t kernel_version = 0;
    std::uint64_t begin = 0;
    std::uint64_t end_low = 0;  // the end has 65 bits
    std::uint64_t end_high = 0;
    std::uint64_t grain = 0;
    std::uint64_t result_bytes = 0;
    std::uint64_t checksum = 0;  // of all before

    friend bool operator==(const JournalHeader&, const JournalHeader&) = default;
};
static_assert(sizeof(JournalHeader) <= journal_header_bytes);

/// The header of the job that has this identity.
[[nodiscard]] JournalHeader make_header(const JournalInfo& info);

/// What a header says; chunks_done stays 0. Throws std::invalid_argument that says what is wrong
/// with a header that is not one of ours.
[[nodiscard]] JournalInfo read_header(const JournalHeader& header);

}  // namespace pinfold::detail
