#pragma once

#include <cstddef>
#include <cstdint>

namespace pinfold::detail {

/// The slots behind a journal's header, wherever they are mapped: one for each chunk.
class JournalSlots {
  public:
    JournalSlots() = default;
    JournalSlots(std::byte* first, std::uint64_t result_bytes, std::uint64_t identity) noexcept
        : first_(first), result_bytes_(result_bytes), identity_(identity) {}

    [[nodiscard]] static std::size_t slot_bytes(std::uint64_t result_bytes) noexcept;

    [[nodiscard]] explicit operator bool() const noexcept { return first_ != nullptr; }

    /// Keeps the result of chunk `index`. Any number of processes may write different chunks, or
    /// the same result of one chunk, at a time.
    void write(std::uint64_t index, const std::byte* result) const noexcept;

    /// The kept result of chunk `index`, or nullptr.
    [[nodiscard]] const std::byte* read(std::uint64_t index) const noexcept;

  private:
    [[nodiscard]] std::uint64_t checksum(std::uint64_t index,
                                         const std::byte* result) const noexcept;
    [[nodiscard]] std::byte* slot(std::uint64_t index) const noexcept;

    std::byte* first_ = nullptr;
    std::uint64_t result_bytes_ = 0;
    std::uint64_t identity_ = 0;  // the header's checksum
};

}  // namespace pinfold::detail
