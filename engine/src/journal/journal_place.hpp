#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "journal/journal_handle.hpp"
#include "journal/journal_slots.hpp"

namespace pinfold::detail {

/// Where workers find the journal of a board's job, in shared memory. They were forked before it
/// was opened, so each opens it by itself.
struct JournalPlace {
    std::array<char, 4096> path{};  // absolute
    int host = 0;                   // the process that holds it open,
    int host_number = -1;           // under this number
    FileIdentity identity;
    std::uint64_t file_bytes = 0;
    JournalSlots slots;
    std::atomic<int> loss{0};  // the errno value of the first result that could not be kept

    /// Notes that a result could not be kept. The job goes on: its value does not need the journal.
    void lose(int error) noexcept {
        int none = 0;
        loss.compare_exchange_strong(none, error);
    }
};

/// Opens the journal in a worker: by its name, or from its host where that name is gone or names
/// another file. A handle without a number, and errno, when neither leads to it.
[[nodiscard]] JournalHandle open_journal_at(const JournalPlace& place);

}  // namespace pinfold::detail
