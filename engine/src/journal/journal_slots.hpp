#pragma once

#include <cstddef>
#include <cstdint>

#include "journal/crc64.hpp"

namespace pinfold::detail {

/// What stands before a result in its slot.
struct SlotHead {
    std::uint64_t done;  // 1, or 0 for a chunk that did not run
    std::uint64_t checksum;
};

/// Where the slots behind a journal's header lie, and which of them count. A plain value.
class JournalSlots {
  public:
    JournalSlots() = default;
    JournalSlots(std::uint64_t result_bytes, std::uint64_t identity) noexcept
        : result_bytes_(result_bytes), identity_(identity) {}

    [[nodiscard]] static std::size_t slot_bytes(std::uint64_t result_bytes) noexcept;

    [[nodiscard]] std::uint64_t result_bytes() const noexcept { return result_bytes_; }

    /// The place of chunk `index` in the file.
    [[nodiscard]] std::uint64_t offset(std::uint64_t index) const noexcept;

    /// What belongs before this result.
    [[nodiscard]] SlotHead head(std::uint64_t index, const std::byte* result) const noexcept;

    /// The checksum of chunk `index` up to its result, which is to follow.
    [[nodiscard]] Crc64 begin_checksum(std::uint64_t index) const noexcept;

  private:
    std::uint64_t result_bytes_ = 0;
    std::uint64_t identity_ = 0;  // the header's checksum
};

}  // namespace pinfold::detail
