#pragma once

#include <boost/interprocess/mapped_region.hpp>
#include <cstdint>

#include "journal/journal_place.hpp"
#include "journal/journal_slots.hpp"

namespace pinfold::detail {

/// A journal's file in the memory of one process.
class JournalMapping {
  public:
    JournalMapping() = default;

    /// Maps the file at `path`; its header has said the rest. Throws
    /// boost::interprocess::interprocess_exception.
    JournalMapping(const char* path, boost::interprocess::mode_t mode, std::uint64_t result_bytes,
                   std::uint64_t identity);

    /// The mapping of a worker. Throws std::system_error when the file is gone or another one.
    [[nodiscard]] static JournalMapping of_worker(const JournalPlace& place);

    [[nodiscard]] const JournalSlots& slots() const noexcept { return slots_; }

  private:
    boost::interprocess::mapped_region region_;
    JournalSlots slots_;
};

}  // namespace pinfold::detail
