#include "journal/journal_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>
#include <thread>

#include "clock.hpp"
#include "journal/journal_reader.hpp"
#include "process/fork_lock.hpp"

namespace pinfold::detail {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds lock_patience{2000};
constexpr milliseconds lock_retry{20};

[[noreturn]] void refuse(const std::filesystem::path& path, const std::string& why) {
    throw JournalError("journal " + std::string(path.c_str()) + ": " + why);
}

[[noreturn]] void refuse_by_errno(const std::filesystem::path& path, const char* what) {
    refuse(path, std::string(what) + ": " + std::generic_category().message(errno));
}

std::filesystem::path absolute_path(const std::filesystem::path& file) {
    if (file.native().find('\0') != std::string::npos) {
        refuse(file, "has a zero byte in its name");
    }
    std::error_code error;
    std::filesystem::path path = std::filesystem::absolute(file, error);
    if (error) {
        refuse(file, "its relative path leads nowhere: the working directory: " + error.message());
    }
    if (path.native().size() >= JournalPlace().path.size()) {
        refuse(path, "has a path of more than 4095 bytes");
    }
    return path;
}

struct stat status_of(int file, const std::filesystem::path& path) {
    struct stat status {};
    if (fstat(file, &status) != 0) {
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

JournalHeader header_in(int file, const std::filesystem::path& path) {
    JournalHeader header;
    const ssize_t got = pread(file, &header, sizeof header, 0);
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

JournalFile::JournalFile(const JournalOptions& options, const JournalHeader& header)
    : path_(absolute_path(options.file)),
      header_(header),
      owner_(getpid()),
      sync_interval_ns_(in_ns(options.sync_interval)),
      last_sync_ns_(now_ns()) {}

// From the other constructor's end on, an exception here calls the destructor.
JournalFile::JournalFile(const JournalOptions& options, const JournalInfo& job)
    : JournalFile(options, make_header(job)) {
    open_and_lock(job);
    const struct stat status = status_of(handle_.number(), path_);
    if (!is_new(status)) {
        check_identity(job);
        check_length(status, job, path_);
    }
    check_limits();
}

// Every step may be one too many: a forked child has copies of all of this, and the host's user may
// have closed the descriptor.
JournalFile::~JournalFile() {
    struct stat status {};
    if (getpid() != owner_ || fstat(handle_.number(), &status) != 0) {
        return;
    }
    if (made_ && status.st_size == 0 && is_at_its_path()) {
        std::error_code ignored;  // with the lock: nobody has begun to use it
        std::filesystem::remove(std::filesystem::canonical(path_, ignored), ignored);
    }
    // A child of a bare clone() shares the lock, and would keep it when this one closes.
    flock(handle_.number(), LOCK_UN);
}

// A file that was removed while this run waited for its lock is nobody's: once more.
void JournalFile::open_and_lock(const JournalInfo& job) {
    const JournalSlots slots(job.result_bytes, header_.checksum);
    const std::int64_t until_ns = now_ns() + std::chrono::nanoseconds(lock_patience).count();
    bool was_missing = false;
    do {
        if (now_ns() > until_ns) {
            refuse(path_, "is removed or replaced by other programs again and again");
        }
        was_missing = access(path_.c_str(), F_OK) != 0;
        open_at_path(file_bytes(job), slots);
        lock(until_ns);
    } while (!is_at_its_path());
    made_ = was_missing;
}

void JournalFile::open_at_path(std::uint64_t bytes, const JournalSlots& slots) {
    const ForkLock no_child_is_born_meanwhile;
    shm::Descriptor opened = open_file(path_.c_str(), O_RDWR | O_CREAT);
    FileIdentity identity;
    if (opened.number() < 0 || !identify(opened.number(), identity)) {
        refuse_by_errno(path_, "cannot be opened for writing");
    }
    handle_ = JournalHandle(std::move(opened), identity, bytes, slots);
}

void JournalFile::lock(std::int64_t until_ns) const {
    while (flock(handle_.number(), LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR) {
            refuse_by_errno(path_, "cannot be locked");
        }
        if (now_ns() > until_ns) {
            refuse(path_, "is in use by another process");
        }
        std::this_thread::sleep_for(lock_retry);
    }
}

bool JournalFile::is_at_its_path() const noexcept {
    struct stat status {};
    return stat(path_.c_str(), &status) == 0 &&
           FileIdentity{status.st_dev, status.st_ino} == handle_.identity();
}

// A run that was killed between its two steps of lay_out_if_new() left the space and no header.
bool JournalFile::is_new(const struct stat& status) const {
    return status.st_size == 0 ||
           (static_cast<std::uint64_t>(status.st_size) == handle_.file_bytes() &&
            header_in(handle_.number(), path_) == JournalHeader{});
}

// To write beyond this limit is not an error to the kernel but a deadly SIGXFSZ.
void JournalFile::check_limits() const {
    rlimit limit{};
    if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur < handle_.file_bytes()) {
        refuse(path_, "needs " + std::to_string(handle_.file_bytes()) +
                          " bytes, and the file size limit (ulimit -f) is " +
                          std::to_string(limit.rlim_cur));
    }
}

// The space is taken before the first chunk runs: a full disk is an error here, and none later.
void JournalFile::lay_out_if_new() const {
    if (!is_new(status_of(handle_.number(), path_))) {
        return;
    }
    check_limits();  // a job may have waited for its board since the first look
    const int file = handle_.number();
    const int error = posix_fallocate(file, 0, static_cast<off_t>(handle_.file_bytes()));
    if (error != 0) {
        const bool emptied = ftruncate(file, 0) == 0;
        errno = error;
        refuse_by_errno(path_, emptied ? "cannot get its disk space"
                                       : "cannot get its disk space, nor give back what it got");
    }
    if (pwrite(file, &header_, sizeof header_, 0) != static_cast<ssize_t>(sizeof header_) ||
        fsync(file) != 0) {
        refuse_by_errno(path_, "cannot be written");
    }
}

void JournalFile::check_identity(const JournalInfo& job) const {
    const JournalHeader found = header_in(handle_.number(), path_);
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

void JournalFile::write_place(JournalPlace& place) const noexcept {
    path_.native().copy(place.path.data(), place.path.size() - 1);
    place.host = owner_;
    place.host_number = handle_.number();
    place.identity = handle_.identity();
    place.file_bytes = handle_.file_bytes();
    place.slots = handle_.slots();
}

void JournalFile::sync_if_due() noexcept {
    if (now_ns() - last_sync_ns_ >= sync_interval_ns_) {
        sync();
    }
}

void JournalFile::sync() noexcept {
    if (fdatasync(handle_.number()) != 0) {
        note_loss(errno);
    }
    last_sync_ns_ = now_ns();
}

void JournalFile::note_loss(int error) noexcept {
    if (loss_ == 0) {
        loss_ = error;
    }
}

std::string JournalFile::finish() {
    sync();
    const std::string why = what_became_of_it();
    return why.empty() ? why : "journal " + path_.string() + ": " + why;
}

std::string JournalFile::what_became_of_it() const {
    if (!is_at_its_path()) {
        return "was removed, moved or replaced while the job ran";
    }
    struct stat status {};
    if (fstat(handle_.number(), &status) == 0) {
        if (static_cast<std::uint64_t>(status.st_size) < handle_.file_bytes()) {
            return "was cut off while the job ran";
        }
        JournalHeader found;
        if (pread(handle_.number(), &found, sizeof found, 0) !=
                static_cast<ssize_t>(sizeof found) ||
            found != header_) {
            return "was written to by another program while the job ran";
        }
    }
    switch (loss_) {
        case 0:
            return {};
        case ENODATA:
            return "was cut off for a time while the job ran";
        case EBADF:
            return "its descriptor was closed while the job ran";
        case EFBIG:
            return "some results could not be written: the file size limit (ulimit -f) is too low";
        default:
            return "some results could not be written: " + std::generic_category().message(loss_);
    }
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

JournalInfo read_journal(const std::string& name) {
    using namespace detail;
    const std::filesystem::path file = name;
    if (name.find('\0') != std::string::npos) {
        refuse(file, "has a zero byte in its name");
    }
    // A pipe would wait for a writer, and is refused below.
    const shm::Descriptor opened = open_file(file.c_str(), O_RDONLY | O_NONBLOCK);
    if (opened.number() < 0) {
        refuse_by_errno(file, "cannot be opened");
    }
    const struct stat status = status_of(opened.number(), file);
    const JournalHeader header = header_in(opened.number(), file);
    JournalInfo info = info_in(header, file);
    check_length(status, info, file);
    JournalReader reader(opened.number(), {info.result_bytes, header.checksum});
    for (std::uint64_t i = 0; i < info.chunks; ++i) {
        info.chunks_done += reader.read(i, nullptr) ? 1U : 0U;
    }
    if (reader.error() != 0) {
        errno = reader.error();
        refuse_by_errno(file, "cannot be read");
    }
    check_length(status_of(opened.number(), file), info, file);  // it may change while it is read
    return info;
}

}  // namespace pinfold
