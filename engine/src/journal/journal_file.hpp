#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <pinfold/engine/detail/run_job.hpp>
#include <string>

#include "journal/journal_format.hpp"
#include "journal/journal_handle.hpp"
#include "journal/journal_place.hpp"

namespace pinfold::detail {

/// The journal of a running job, held by its host.
///
/// The lock on it is the host's alone: no child keeps it, and it ends with the job or the host.
/// After a host's death a worker may write for a moment more, while a next run goes on already:
/// both write the same bits, so neither can harm the other.
///
/// Another program may remove, replace or cut the file off while the job runs. That costs what the
/// file kept and never the job, whose results are in memory: finish() says what became of it.
class JournalFile {
  public:
    /// Opens the job's journal, or makes an empty file. Waits up to 2 s for another process to let
    /// go of it. Throws JournalError; the file of another job is not changed.
    JournalFile(const JournalOptions& options, const JournalInfo& job);

    /// Lets go of the lock. A file that this one made and that never got its space goes.
    ~JournalFile();
    JournalFile(const JournalFile&) = delete;
    JournalFile& operator=(const JournalFile&) = delete;

    /// Gives a new file its disk space and its header. Called when nothing else can refuse the job.
    /// Throws JournalError when there is no room, and leaves the file empty.
    void lay_out_if_new() const;

    [[nodiscard]] const JournalHandle& handle() const noexcept { return handle_; }
    void write_place(JournalPlace& place) const noexcept;

    /// Forces what was written to disk when `interval` has passed since the last time.
    void sync_if_due() noexcept;

    /// Notes what write() said of a result that was not kept.
    void note_loss(int error) noexcept;

    /// Forces what was written to disk. Says why the file does not hold all that was done, or
    /// nothing when it does.
    [[nodiscard]] std::string finish();

  private:
    JournalFile(const JournalOptions& options, const JournalHeader& header);

    void open_and_lock(const JournalInfo& job);
    void open_at_path(std::uint64_t bytes, const JournalSlots& slots);
    void lock(std::int64_t until_ns) const;
    void check_limits() const;
    [[nodiscard]] bool is_at_its_path() const noexcept;
    [[nodiscard]] bool is_new(const struct stat& status) const;
    [[nodiscard]] std::string what_became_of_it() const;
    void check_identity(const JournalInfo& job) const;
    void sync() noexcept;

    std::filesystem::path path_;
    JournalHeader header_;  // before the file: an identity that is refused makes none
    JournalHandle handle_;
    pid_t owner_;
    bool made_ = false;  // the file was not there before
    int loss_ = 0;       // the errno value of the first result or sync that failed
    std::int64_t sync_interval_ns_;
    std::int64_t last_sync_ns_;
};

/// The journal that a job asks for, or nothing when it asks for none.
[[nodiscard]] std::unique_ptr<JournalFile> open_journal(const JobSpec& spec);

}  // namespace pinfold::detail
