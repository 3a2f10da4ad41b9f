#include "journal/journal_slots.hpp"

#include "journal/journal_format.hpp"

namespace pinfold::detail {

std::size_t JournalSlots::slot_bytes(std::uint64_t result_bytes) noexcept {
    return sizeof(SlotHead) + (result_bytes + 7) / 8 * 8;
}

std::uint64_t JournalSlots::offset(std::uint64_t index) const noexcept {
    return journal_header_bytes + index * slot_bytes(result_bytes_);
}

SlotHead JournalSlots::head(std::uint64_t index, const std::byte* result) const noexcept {
    Crc64 crc = begin_checksum(index);
    crc.process_bytes(result, result_bytes_);
    return {1, crc.checksum()};
}

Crc64 JournalSlots::begin_checksum(std::uint64_t index) const noexcept {
    Crc64 crc;
    crc.process_bytes(&identity_, sizeof identity_);
    crc.process_bytes(&index, sizeof index);
    return crc;
}

}  // namespace pinfold::detail
