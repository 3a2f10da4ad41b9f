#include "journal/journal_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/interprocess/exceptions.hpp>
#include <cerrno>
#include <system_error>
#include <thread>

#include "clock.hpp"

namespace pinfold::detail {

namespace {

namespace interprocess = boost::interprocess;
using std::chrono::milliseconds;

constexpr milliseconds lock_patience{2000};
constexpr milliseconds lock_retry{20};

[[noreturn]] void refuse(const std::filesystem::path& path, const std::string& why) {
    throw JournalError("journal " + path.string() + ": " + why);
}

[[noreturn]] void refuse_by_errno(const std::filesystem::path& path, const char* what) {
    refuse(path, std::string(what) + ": " + std::generic_category().message(errno));
}

struct stat status_of(const shm::Descriptor& file, const std::filesystem::path& path) {
    struct stat status {};
    if (fstat(file.number(), &status) != 0) {
        refuse_by_errno(path, "cannot be examined");
    }
    if (!S_ISREG(status.st_mode)) {
        refuse(path, "is no regular file");
    }
    return status;
}

std::uint64_t file_bytes(const JournalInfo& job) {
    return journal_header_bytes + job.chunks * JournalSlots::slot_bytes(job.result_bytes);
}

JournalHeader header_in(const shm::Descriptor& file, const std::filesystem::path& path) {
    JournalHeader header;
    const ssize_t got = pread(file.number(), &header, sizeof header, 0);
    if (got < 0) {
        refuse_by_errno(path, "cannot be read");
    }
    if (got < static_cast<ssize_t>(sizeof header)) {
        refuse(path, "is too short for a journal");
    }
    return header;
}

JournalInfo info_in(const JournalHeader& header, const std::filesystem::path& path) {
    try {
        return read_header(header);
    } catch (const std::invalid_argument& e) {
        refuse(path, e.what());
    }
}

void check_length(const struct stat& status, const JournalInfo& info,
                  const std::filesystem::path& path) {
    if (static_cast<std::uint64_t>(status.st_size) != file_bytes(info)) {
        refuse(path, "has " + std::to_string(status.st_size) + " bytes instead of " +
                         std::to_string(file_bytes(info)) + ": it was cut off or added to");
    }
}

}  // namespace

JournalFile::JournalFile(const JournalOptions& options, const JournalInfo& job)
    : path_(std::filesystem::absolute(options.file)),
      header_(make_header(job)),
      file_(open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666)),
      sync_interval_ns_(std::chrono::nanoseconds(options.sync_interval).count()),
      last_sync_ns_(now_ns()) {
    if (file_.number() < 0) {
        refuse_by_errno(path_, "cannot be opened for writing");
    }
    lock(path_.string());
    const struct stat status = status_of(file_, path_);
    if (status.st_size == 0 || is_half_laid_out(status, job)) {
        lay_out(job);
    } else {
        check_identity(job);
        check_length(status, job, path_);
    }
    try {
        mapping_ = {path_.c_str(), interprocess::read_write, job.result_bytes, header_.checksum};
    } catch (const interprocess::interprocess_exception& e) {
        refuse(path_, std::string("cannot be mapped: ") + e.what());
    }
}

void JournalFile::lock(const std::string& name) {
    const std::int64_t until = now_ns() + std::chrono::nanoseconds(lock_patience).count();
    while (flock(file_.number(), LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR) {
            refuse_by_errno(name, "cannot be locked");
        }
        if (now_ns() > until) {
            refuse(name, "is in use by another process");
        }
        std::this_thread::sleep_for(lock_retry);
    }
}

// A run that was killed between its two steps of lay_out() left the space and no header.
bool JournalFile::is_half_laid_out(const struct stat& status, const JournalInfo& job) const {
    return static_cast<std::uint64_t>(status.st_size) == file_bytes(job) &&
           header_in(file_, path_) == JournalHeader{};
}

// The space is taken before the first byte is mapped: a full disk is an error here, not a SIGBUS in
// a worker.
void JournalFile::lay_out(const JournalInfo& job) {
    const int error = posix_fallocate(file_.number(), 0, static_cast<off_t>(file_bytes(job)));
    if (error != 0) {
        const bool emptied = ftruncate(file_.number(), 0) == 0;
        errno = error;
        refuse_by_errno(path_, emptied ? "cannot get its disk space"
                                       : "cannot get its disk space, nor give back what it got");
    }
    if (pwrite(file_.number(), &header_, sizeof header_, 0) !=
            static_cast<ssize_t>(sizeof header_) ||
        fsync(file_.number()) != 0) {
        refuse_by_errno(path_, "cannot be written");
    }
}

void JournalFile::check_identity(const JournalInfo& job) const {
    const JournalHeader found = header_in(file_, path_);
    const JournalInfo other = info_in(found, path_);
    if (found == header_) {
        return;
    }
    const auto differs = [&](const std::string& what, const auto& theirs, const auto& ours) {
        if (theirs != ours) {
            refuse(path_,
                   "belongs to another job: its " + what + " is " + theirs + ", not " + ours);
        }
    };
    const auto ends = [](Range range) {
        const bool is_last = range.end > ~std::uint64_t{0};
        return "[" + std::to_string(range.begin) + ", " +
               (is_last ? "2^64" : std::to_string(static_cast<std::uint64_t>(range.end))) + ")";
    };
    differs("kernel", other.kernel, job.kernel);
    differs("kernel version", std::to_string(other.version), std::to_string(job.version));
    differs("range", ends(other.range), ends(job.range));
    differs("grain", std::to_string(other.grain), std::to_string(job.grain));
    differs("result size", std::to_string(other.result_bytes), std::to_string(job.result_bytes));
    refuse(path_, "belongs to another job");
}

JournalPlace JournalFile::place() const {
    JournalPlace place;
    const std::string path = path_.string();
    if (path.size() >= place.path.size()) {
        refuse(path_, "has a path of more than 4095 bytes");
    }
    path.copy(place.path.data(), path.size());
    const struct stat status = status_of(file_, path_);
    place.device = status.st_dev;
    place.inode = status.st_ino;
    place.identity = header_.checksum;
    place.result_bytes = header_.result_bytes;
    return place;
}

void JournalFile::sync_if_due() {
    if (now_ns() - last_sync_ns_ >= sync_interval_ns_) {
        sync();
    }
}

void JournalFile::sync() {
    if (fdatasync(file_.number()) != 0) {
        refuse_by_errno(path_, "cannot be written to disk");
    }
    last_sync_ns_ = now_ns();
}

std::unique_ptr<JournalFile> open_journal(const JobSpec& spec) {
    const JournalOptions& options = spec.settings->journal;
    if (options.file.empty()) {
        return nullptr;
    }
    return std::make_unique<JournalFile>(options, JournalInfo{.kernel = options.kernel,
                                                              .version = options.version,
                                                              .range = spec.plan.range(),
                                                              .grain = spec.plan.grain(),
                                                              .result_bytes = spec.result_bytes,
                                                              .chunks = spec.plan.size()});
}

}  // namespace pinfold::detail

namespace pinfold {

JournalInfo read_journal(const std::filesystem::path& file) {
    using namespace detail;
    // A pipe would wait for a writer, and is refused below.
    const shm::Descriptor opened(open(file.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    if (opened.number() < 0) {
        refuse_by_errno(file, "cannot be opened");
    }
    const struct stat status = status_of(opened, file);
    const JournalHeader header = header_in(opened, file);
    JournalInfo info = info_in(header, file);
    check_length(status, info, file);
    const JournalMapping mapping(file.c_str(), boost::interprocess::read_only, info.result_bytes,
                                 header.checksum);
    for (std::uint64_t i = 0; i < info.chunks; ++i) {
        info.chunks_done += mapping.slots().read(i) != nullptr ? 1U : 0U;
    }
    return info;
}

}  // namespace pinfold
