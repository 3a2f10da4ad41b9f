#pragma once

#include <chrono>
#include <cstdint>
#include <pinfold/api.hpp>
#include <string>

namespace pinfold {

/// A file that keeps the results of a job's chunks, so that the same job goes on after its host
/// ended.
///
/// The first run makes the file, with one slot per chunk. A later run of the same job takes every
/// slot whose checksum holds, and runs the other chunks; its value has the same bits. After a
/// SIGKILL of the whole tree at most the chunks in flight run again, and after a power cut also
/// those of the last `sync_interval`. Only the job's own chunks are kept. A phase that a missing
/// chunk needs runs again.
///
/// A journal that cannot be had is a JournalError before any chunk runs. One that another program
/// removes, replaces or cuts off while the job runs costs no chunk: the value is right, and
/// JobReport::journal_lost, or the text of Cancelled or Timeout, says what became of the file.
struct JournalOptions {
    std::string file{};    ///< its path; empty for no journal
    std::string kernel{};  ///< what the map computes, 1 to 207 bytes; part of the job's identity
    std::uint64_t version = 0;  ///< of the kernel: change it when the map's results change
    /// How often what was written is forced to disk.
    std::chrono::milliseconds sync_interval{1000};
};

}  // namespace pinfold
