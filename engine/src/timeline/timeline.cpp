#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <pinfold/engine/timeline.hpp>
#include <pinfold/shm/descriptor.hpp>
#include <stdexcept>
#include <system_error>

#include "clock.hpp"
#include "timeline/chrome_json.hpp"
#include "timeline/timeline_store.hpp"

namespace pinfold {

namespace detail {

namespace {

constexpr std::size_t most_jobs = 4096;
constexpr std::uint64_t most_events = 65536;

[[noreturn]] void throw_for(const std::string& file, int error) {
    throw std::system_error(error, std::generic_category(), "cannot write the timeline " + file);
}

void write_all(int descriptor, std::string_view text, const std::string& file) {
    while (!text.empty()) {
        const ssize_t written = ::write(descriptor, text.data(), text.size());
        if (written >= 0) {
            text.remove_prefix(static_cast<std::size_t>(written));
        } else if (errno != EINTR) {
            throw_for(file, errno);
        }
    }
}

}  // namespace

TimelineStore::TimelineStore(TimelineOptions options)
    : options_(std::move(options)),
      process_(shm::mark_of_this_process()),
      pid_(getpid()),
      began_ns_(now_ns()) {
    if (options_.most_chunks == 0) {
        throw std::invalid_argument("most_chunks 0: a timeline keeps one chunk at least");
    }
}

void TimelineStore::check_process() const {
    if (!process_.holds()) {
        throw std::invalid_argument("the timeline was made in pid " + std::to_string(pid_) +
                                    " and named by a job in pid " + std::to_string(getpid()) +
                                    ", which has a copy: what it records would be lost");
    }
}

int TimelineStore::thinning_for(std::uint64_t chunks) const noexcept {
    const std::uint64_t parts = chunks / options_.most_chunks;
    const bool is_whole = chunks % options_.most_chunks == 0;
    return parts == 0 ? 0 : static_cast<int>(std::bit_width(is_whole ? parts - 1 : parts));
}

// The longest jobs give way: what is left of each is as dense as what is left of the others.
void TimelineStore::add(RecordedJob job) noexcept {
    const std::scoped_lock lock(mutex_);
    if (jobs_.size() >= std::min<std::uint64_t>(most_jobs, options_.most_chunks)) {
        ++left_out_;
        return;
    }
    const std::uint64_t room = most_events - events_;
    if (job.events.size() > room) {
        job.events_left_out += job.events.size() - room;
        job.events.resize(room);
    }
    try {
        jobs_.push_back(std::move(job));
    } catch (const std::bad_alloc&) {
        ++left_out_;
        return;
    }
    events_ += jobs_.back().events.size();
    chunks_ += jobs_.back().kept;
    while (chunks_ > options_.most_chunks) {
        RecordedJob& longest = *std::ranges::max_element(jobs_, {}, &RecordedJob::kept);
        chunks_ -= longest.kept;
        longest.thin();
        chunks_ += longest.kept;
    }
}

void TimelineStore::add_task(RecordedTask task) noexcept {
    const std::scoped_lock lock(mutex_);
    try {
        if (tasks_.size() < options_.most_chunks) {
            tasks_.push_back(std::move(task));
            return;
        }
    } catch (const std::bad_alloc&) {
        // told as left out
    }
    ++tasks_left_out_;
}

void TimelineStore::leave_out() noexcept {
    const std::scoped_lock lock(mutex_);
    ++left_out_;
}

std::uint64_t TimelineStore::jobs() const {
    const std::scoped_lock lock(mutex_);
    return jobs_.size();
}

std::uint64_t TimelineStore::chunks() const {
    const std::scoped_lock lock(mutex_);
    return chunks_;
}

std::uint64_t TimelineStore::tasks() const {
    const std::scoped_lock lock(mutex_);
    return tasks_.size();
}

void TimelineStore::write_chrome_json(const std::function<void(std::string_view)>& write) const {
    const std::scoped_lock lock(mutex_);
    detail::write_chrome_json({options_.name, pid_, began_ns_, left_out_, tasks_left_out_}, jobs_,
                              tasks_, write);
}

}  // namespace detail

Timeline::Timeline(TimelineOptions options)
    : store_(std::make_unique<detail::TimelineStore>(std::move(options))) {}

Timeline::~Timeline() = default;

const TimelineOptions& Timeline::options() const noexcept {
    return store_->options();
}

std::uint64_t Timeline::jobs() const {
    return store_->jobs();
}

std::uint64_t Timeline::chunks() const {
    return store_->chunks();
}

std::uint64_t Timeline::tasks() const {
    return store_->tasks();
}

std::string Timeline::to_chrome_json() const {
    std::string json;
    store_->write_chrome_json([&json](std::string_view text) { json += text; });
    return json;
}

void Timeline::write(const std::string& file) const {
    constexpr mode_t for_all = 0666;  // as far as the umask lets
    shm::Descriptor out(open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, for_all));
    if (out.number() < 0) {
        detail::throw_for(file, errno);
    }
    store_->write_chrome_json(
        [&](std::string_view text) { detail::write_all(out.number(), text, file); });
    // Some file systems report a full disk only now.
    if (close(out.release()) != 0) {
        detail::throw_for(file, errno);
    }
}

}  // namespace pinfold
