#include "journal/journal_slots.hpp"

#include <cstring>

#include "journal/crc64.hpp"

namespace pinfold::detail {

namespace {

struct SlotHead {
    std::uint64_t done;  // 1, or 0 for a chunk that did not run
    std::uint64_t checksum;
};

}  // namespace

std::size_t JournalSlots::slot_bytes(std::uint64_t result_bytes) noexcept {
    return sizeof(SlotHead) + (result_bytes + 7) / 8 * 8;
}

std::byte* JournalSlots::slot(std::uint64_t index) const noexcept {
    return first_ + index * slot_bytes(result_bytes_);
}

std::uint64_t JournalSlots::checksum(std::uint64_t index, const std::byte* result) const noexcept {
    Crc64 crc;
    crc.process_bytes(&identity_, sizeof identity_);
    crc.process_bytes(&index, sizeof index);
    crc.process_bytes(result, result_bytes_);
    return crc.checksum();
}

void JournalSlots::write(std::uint64_t index, const std::byte* result) const noexcept {
    std::byte* const place = slot(index);
    std::memcpy(place + sizeof(SlotHead), result, result_bytes_);
    const SlotHead head{1, checksum(index, result)};
    std::memcpy(place, &head, sizeof head);
}

const std::byte* JournalSlots::read(std::uint64_t index) const noexcept {
    const std::byte* const place = slot(index);
    SlotHead head;
    std::memcpy(&head, place, sizeof head);
    const std::byte* const result = place + sizeof head;
    return head.done == 1 && head.checksum == checksum(index, result) ? result : nullptr;
}

}  // namespace pinfold::detail
