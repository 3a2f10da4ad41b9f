#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "journal/journal_slots.hpp"

namespace pinfold::detail {

/// Reads a journal's slots, quickest in ascending order. It reads and does not map: a file that
/// another program cuts off meanwhile has no slot there, where a mapping would end the process.
class JournalReader {
  public:
    JournalReader(int file, const JournalSlots& slots);

    /// Whether the slot of chunk `index` is whole. Its result goes to `result`, unless that is
    /// null; for a slot that is not whole the bytes there mean nothing.
    [[nodiscard]] bool read(std::uint64_t index, std::byte* result);

    /// The errno value of the first read that failed, or 0.
    [[nodiscard]] int error() const noexcept { return error_; }

  private:
    [[nodiscard]] bool read_head(std::uint64_t at, SlotHead& head);
    [[nodiscard]] std::span<const std::byte> bytes_at(std::uint64_t at, std::uint64_t most);

    int file_;
    JournalSlots slots_;
    std::vector<std::byte> buffer_;
    std::uint64_t begin_ = 0;  // in the file, of what is in the buffer
    std::size_t size_ = 0;     // of that
    int error_ = 0;
};

}  // namespace pinfold::detail
