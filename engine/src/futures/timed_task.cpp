#include "futures/timed_task.hpp"

#include <cstdint>
#include <cstring>
#include <pinfold/engine/this_worker.hpp>
#include <utility>

#include "clock.hpp"
#include "timeline/timeline_store.hpp"

namespace pinfold::detail {

namespace {

struct TimedHead {
    std::int64_t began_ns = 0;  // of the monotonic clock
    std::int64_t ended_ns = 0;  // 0: the attempt died
    std::int32_t worker = 0;
    std::int32_t pid = 0;
    TaskFunction call = nullptr;
};

/// Writes into the message when it is made and when it ends. Nothing in a message is aligned.
class TimesAttempt {
  public:
    TimesAttempt(const TimedHead& head, std::byte* to) noexcept : head_(head), to_(to) {
        const Worker worker = this_worker();
        head_.worker = worker.number;
        head_.pid = worker.pid;
        head_.began_ns = now_ns();
        head_.ended_ns = 0;
        std::memcpy(to_, &head_, sizeof head_);
    }
    ~TimesAttempt() {
        head_.ended_ns = now_ns();
        std::memcpy(to_, &head_, sizeof head_);
    }
    TimesAttempt(const TimesAttempt&) = delete;
    TimesAttempt& operator=(const TimesAttempt&) = delete;

  private:
    TimedHead head_;
    std::byte* const to_;
};

TimedHead head_of(const std::byte* message) noexcept {
    TimedHead head;
    std::memcpy(&head, message, sizeof head);
    return head;
}

void run_timed(const RunningTask& task) {
    const TimedHead head = head_of(task.message);
    // The message is const for tasks alone: it lies in the slot, or in a buffer of who submits.
    const TimesAttempt times(head, const_cast<std::byte*>(task.message));  // NOLINT
    head.call({task.message + sizeof head, task.bytes - sizeof head, task.result, task.blocks});
}

}  // namespace

TimedTask::TimedTask(const TaskSpec& spec)
    : message_(sizeof(TimedHead) + spec.message.size()), spec_(spec) {
    TimelineOf::store(*spec.options->timeline).check_process();
    TimedHead head;
    head.call = spec.call;
    std::memcpy(message_.data(), &head, sizeof head);
    if (!spec.message.empty()) {
        std::memcpy(message_.data() + sizeof head, spec.message.data(), spec.message.size());
    }
    spec_.call = &run_timed;
    spec_.message = message_;
}

void TimedTask::record(Timeline& timeline, std::span<const std::byte> message, std::string name,
                       int attempts, bool has_failed) {
    const TimedHead head = head_of(message.data());
    if (head.ended_ns != 0) {
        TimelineOf::store(timeline).add_task({std::move(name),
                                              static_cast<WorkerNumber>(head.worker), head.pid,
                                              head.began_ns, head.ended_ns, attempts, has_failed});
    }
}

}  // namespace pinfold::detail
