#pragma once

#include <chrono>
#include <cstdint>
#include <pinfold/api.hpp>
#include <pinfold/engine/range.hpp>
#include <stdexcept>
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

/// A journal that cannot be used. what() names the file and the reason; the file was not changed,
/// and none was made.
///
///     try {
///         static_cast<void>(pinfold::read_journal("/dev/null"));
///         assert(!"that is a journal");
///     } catch (const pinfold::JournalError& error) {
///         assert(std::string(error.what()) == "journal /dev/null: is no regular file");
///     }
class PINFOLD_API JournalError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// What a journal says of itself.
struct JournalInfo {
    std::string kernel;
    std::uint64_t version = 0;
    Range range;
    std::uint64_t grain = 0;
    std::uint64_t result_bytes = 0;
    std::uint64_t chunks = 0;
    std::uint64_t chunks_done = 0;  ///< slots whose checksum holds
};

/// Reads a journal, also one in use. Throws JournalError for anything but a whole journal of this
/// version and byte order, also when the file changes meanwhile. Run time: the file is read once.
[[nodiscard]] PINFOLD_API JournalInfo read_journal(const std::string& name);

}  // namespace pinfold
