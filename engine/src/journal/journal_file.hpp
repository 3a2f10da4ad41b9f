#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <pinfold/engine/detail/run_job.hpp>
#include <pinfold/shm/descriptor.hpp>
#include <string>

#include "journal/journal_format.hpp"
#include "journal/journal_mapping.hpp"
#include "journal/journal_place.hpp"

namespace pinfold::detail {

/// The journal of a running job, held by its host.
///
/// The lock on it is the host's alone. After a host's death a worker may write for a moment more,
/// while a next run goes on already: both write the same bits, so neither can harm the other.
class JournalFile {
  public:
    /// Opens the job's journal, or makes it with all of its disk space. Waits up to 2 s for another
    /// process to let go of it. Throws JournalError; the file of another job is not changed.
    JournalFile(const JournalOptions& options, const JournalInfo& job);

    [[nodiscard]] const JournalSlots& slots() const noexcept { return mapping_.slots(); }
    [[nodiscard]] JournalPlace place() const;

    /// Forces what was written to disk when `interval` has passed since the last time.
    void sync_if_due();
    void sync();

  private:
    void lock(const std::string& name);
    [[nodiscard]] bool is_half_laid_out(const struct stat& status, const JournalInfo& job) const;
    void lay_out(const JournalInfo& job);
    void check_identity(const JournalInfo& job) const;

    std::filesystem::path path_;
    JournalHeader header_;  // before the file: an identity that is refused makes none
    shm::Descriptor file_;
    JournalMapping mapping_;
    std::int64_t sync_interval_ns_;
    std::int64_t last_sync_ns_;
};

/// The journal that a job asks for, or nothing when it asks for none.
[[nodiscard]] std::unique_ptr<JournalFile> open_journal(const JobSpec& spec);

}  // namespace pinfold::detail
