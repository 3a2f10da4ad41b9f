#include <algorithm>
#include <pinfold/engine/detail/tasks/batch_core.hpp>
#include <pinfold/engine/detail/tasks/continuation.hpp>
#include <pinfold/engine/detail/tasks/value_batch.hpp>
#include <pinfold/engine/detail/tasks/waiting_time.hpp>
#include <pinfold/engine/errors.hpp>
#include <pinfold/engine/pool.hpp>
#include <pinfold/shm/heap.hpp>
#include <stdexcept>
#include <utility>

#include "clock.hpp"
#include "futures/future_home.hpp"
#include "futures/timed_task.hpp"

namespace pinfold::detail {

namespace {

using std::chrono::nanoseconds;

constexpr std::chrono::milliseconds progress_interval{100};
constexpr std::size_t least_look_ahead = 64;  // from there on tasks a second do not grow
constexpr std::size_t parts_a_worker = 4;
constexpr std::size_t longest_name = 23;  // what a slot has room for

std::size_t look_ahead_of(const Pool& pool, const MapOptions& options) {
    if (pool.crew() == Crew::serial) {
        return 1;
    }
    if (options.look_ahead != 0) {
        return static_cast<std::size_t>(options.look_ahead);
    }
    return std::max(least_look_ahead, parts_a_worker * static_cast<std::size_t>(pool.workers()));
}

std::uint64_t retries_of(const BatchPart& part) {
    return static_cast<std::uint64_t>(std::max(part.state->attempts(), 1) - 1);
}

/// The client lives as long as somebody has tasks of it, also beyond its pool.
std::shared_ptr<TaskClient> shared_client_of(const Pool& pool) {
    return static_cast<FutureHome&>(client_of(pool)).shared_from_this();
}

}  // namespace

std::int64_t BatchCore::clock_ns() noexcept {
    return now_ns();
}

nanoseconds BatchCore::left_of(nanoseconds longest, std::int64_t began_ns) noexcept {
    return longest < nanoseconds(0)
               ? longest
               : std::max(longest - nanoseconds(now_ns() - began_ns), nanoseconds(0));
}

BatchCore::BatchCore(const Pool& pool, const MapOptions& options, bool is_ordered)
    : client_(shared_client_of(pool)),
      name_(options.task.name.empty() ? "map" : options.task.name),
      options_(options.task),
      progress_(options.progress),
      grain_(options.grain),
      look_ahead_(look_ahead_of(pool, options)),
      is_ordered_(is_ordered),
      is_serial_(pool.crew() == Crew::serial),
      began_ns_(now_ns()),
      told_ns_(began_ns_) {
    if (grain_ == 0) {
        throw std::invalid_argument("grain 0 of a map over items: a task has one item at least");
    }
    if (options.task.stop.stop_possible() || options.task.room_within >= nanoseconds(0)) {
        throw std::invalid_argument(
            "room_within or stop in the task options of a map over items: it submits as its "
            "results are taken, and Batch::cancel() ends it");
    }
    if (options.timeline != nullptr) {
        options_.timeline = options.timeline;
    }
}

BatchCore::~BatchCore() = default;

void refuse_empty_batch() {
    throw std::logic_error("this Batch has no tasks: it was moved from, or went on by then()");
}

void BatchCore::start() {
    fill();
    if (failure_ && submitted_ == 0 && !is_reading_) {
        std::rethrow_exception(failure_);
    }
}

// ---- what is submitted

void BatchCore::name_part(std::uint64_t first, std::uint64_t items) {
    std::string which = "[" + std::to_string(first);
    if (grain_ > 1) {
        which += ".." + std::to_string(first + items);
    }
    which += "]";
    part_name_ = name_.substr(0, longest_name - std::min(which.size(), longest_name)) + which;
    options_.name = part_name_;
}

bool BatchCore::submit(TaskSpec spec, std::shared_ptr<FutureState> state) {
    spec.options = &options_;
    return submit_with_times(spec, [&](const TaskSpec& timed) {
        return client_->submit_within(timed, std::move(state), for_ever, stop_.get_token());
    });
}

void BatchCore::stop_reading(std::exception_ptr why) {
    const Lock lock(mutex_);
    has_ended_ = true;
    failure_ = std::move(why);
}

void BatchCore::read_part() noexcept {
    try {
        while (in_hand_ < grain_) {
            is_reading_ = true;
            if (!read_item()) {
                const Lock lock(mutex_);
                has_ended_ = true;
                total_ = submitted_ + in_hand_;
                return;
            }
            ++in_hand_;
        }
    } catch (...) {
        stop_reading(std::current_exception());
    }
}

// A heap that is full may have room when results have been taken.
bool BatchCore::submit_in_hand() {
    try {
        name_part(submitted_, in_hand_);
        BatchPart part{nullptr, submitted_, in_hand_};
        part.state = submit_part(in_hand_);
        in_hand_ = 0;
        if (part.state == nullptr) {
            return false;
        }
        Lock lock(mutex_);
        submitted_ += part.items;
        window_.push_back(part);
        lock.unlock();
        if (stop_.stop_requested()) {  // another thread may have looked before it was there
            part.state->cancel();
        }
        return true;
    } catch (const shm::HeapFull&) {
        if (window_.empty()) {
            in_hand_ = 0;
            stop_reading(std::current_exception());
        }
    } catch (...) {
        in_hand_ = 0;
        stop_reading(std::current_exception());
    }
    return false;
}

bool BatchCore::has_more() const {
    const Lock lock(mutex_);
    return in_hand_ != 0 || !has_ended_;
}

bool BatchCore::has_room() const {
    const Lock lock(mutex_);
    return !stop_.stop_requested() && window_.size() < look_ahead_ &&
           (in_hand_ != 0 || !has_ended_);
}

void BatchCore::fill() {
    while (has_room()) {
        if (in_hand_ == 0) {
            read_part();
        }
        if (in_hand_ == 0 || !submit_in_hand()) {
            return;
        }
    }
}

// ---- what is taken

bool BatchCore::wait(nanoseconds longest) const {
    if (is_ordered_) {
        return window_.front().state->wait_for(longest);
    }
    std::vector<FutureState*> states;
    states.reserve(window_.size());
    for (const BatchPart& part : window_) {
        states.push_back(part.state.get());
    }
    return FutureState::wait_any(states, longest) < states.size();
}

// Brings what is done to the front, where any will do. A look may call hooks, which may ask this
// batch: so it is taken without the lock, by the only thread that changes the window.
bool BatchCore::find_done(nanoseconds longest) {
    const std::int64_t began = now_ns();
    const auto is_done = [](const BatchPart& part) { return part.state->is_done(); };
    for (;;) {
        if (!is_ordered_ && ready_ == 0) {
            std::deque<BatchPart> sorted = window_;
            const auto behind = std::stable_partition(sorted.begin(), sorted.end(), is_done);
            const Lock lock(mutex_);
            ready_ = static_cast<std::size_t>(behind - sorted.begin());
            window_ = std::move(sorted);
        }
        if (ready_ != 0 || is_done(window_.front())) {
            return true;
        }
        const nanoseconds left = left_of(longest, began);
        const bool is_over = left == nanoseconds(0);
        if (is_over) {
            return false;
        }
        const nanoseconds slice = progress_interval;
        const bool is_long = left < nanoseconds(0) || left > slice;
        static_cast<void>(wait(progress_ && is_long ? slice : left));
        tell_progress(false);
    }
}

BatchPart BatchCore::take_front() {
    const std::uint64_t retries = retries_of(window_.front());
    const Lock lock(mutex_);
    BatchPart part = std::move(window_.front());
    window_.pop_front();
    ready_ -= std::min<std::size_t>(ready_, 1);
    taken_ += part.items;
    retried_ += retries;
    return part;
}

BatchCore::Next BatchCore::next(BatchPart& part, nanoseconds longest) {
    fill();
    if (window_.empty()) {
        tell_progress(true);
        const Lock lock(mutex_);
        if (failure_) {
            std::rethrow_exception(failure_);
        }
        return Next::end;
    }
    if (!find_done(longest)) {
        return Next::not_yet;
    }
    part = take_front();
    if (!is_serial_) {
        fill();
    }
    tell_progress(window_.empty() && !has_more());
    return Next::part;
}

// ---- what is told

std::vector<BatchPart> BatchCore::window() const {
    const Lock lock(mutex_);
    return {window_.begin(), window_.end()};
}

std::uint64_t BatchCore::done() const {
    return progress().done;
}

std::optional<std::uint64_t> BatchCore::total() const {
    const Lock lock(mutex_);
    return total_;
}

BatchProgress BatchCore::progress() const {
    BatchProgress progress;
    Lock lock(mutex_);
    const std::vector<BatchPart> window(window_.begin(), window_.end());
    progress.done = taken_;
    progress.retried = retried_;
    progress.total = total_;
    const std::int64_t until = ended_ns_ != 0 ? ended_ns_ : now_ns();
    lock.unlock();
    for (const BatchPart& part : window) {
        const bool is_done = part.state->is_done();
        progress.done += is_done ? part.items : 0;
        progress.running += std::uint64_t{!is_done && part.state->is_running()};
        progress.retried += retries_of(part);
    }
    progress.seconds = static_cast<double>(until - began_ns_) * 1e-9;
    if (progress.seconds > 0) {
        progress.rate = static_cast<double>(progress.done) / progress.seconds;
    }
    if (progress.total) {
        progress.remaining = *progress.total - std::min(progress.done, *progress.total);
        if (progress.rate > 0) {
            progress.seconds_left = static_cast<double>(*progress.remaining) / progress.rate;
        }
    }
    return progress;
}

void BatchCore::tell_progress(bool is_end) {
    const std::int64_t now = now_ns();
    if (is_end) {
        const Lock lock(mutex_);
        if (ended_ns_ != 0) {
            return;
        }
        ended_ns_ = now;
    }
    if (progress_ && (is_end || nanoseconds(now - told_ns_) >= progress_interval)) {
        told_ns_ = now;
        progress_(progress());
    }
}

// ---- how it ends

void BatchCore::cancel() {
    Lock lock(mutex_);
    if (!has_ended_ || in_hand_ != 0) {
        has_ended_ = true;
        if (!failure_) {
            failure_ = std::make_exception_ptr(
                Cancelled("the batch was cancelled before all of its items were submitted"));
        }
    }
    lock.unlock();
    stop_.request_stop();
    for (const BatchPart& part : window()) {
        part.state->cancel();
    }
}

void BatchCore::abandon() noexcept {
    try {
        cancel();
        for (const BatchPart& part : window_) {
            FutureHome::forget_timeline(*part.state);
        }
    } catch (...) {
        // A child that the user forked has no tasks.
    }
    for (BatchPart& part : window_) {
        AnyValueState::let_go(std::move(part.state));
    }
    window_.clear();
}

void BatchCore::gather_by_hooks(std::function<void()> at_end) {
    try {
        if (!gather()) {
            window_.front().state->on_done(
                [self = shared_from_this(), at_end] { self->gather_by_hooks(at_end); });
            return;
        }
    } catch (...) {
        gathering_ = std::current_exception();
        abandon();
    }
    at_end();
}

void BatchCore::rethrow_gathering() const {
    if (gathering_) {
        std::rethrow_exception(gathering_);
    }
}

void BatchCore::adopt(FutureState& state) {
    client_->adopt(state);
}

void BatchCore::follow(const std::shared_ptr<AnyValueState>& state) {
    state->on_done([weak = weak_from_this(), its = std::weak_ptr<AnyValueState>(state)] {
        const std::shared_ptr<BatchCore> core = weak.lock();
        const std::shared_ptr<AnyValueState> ended = its.lock();
        if (core != nullptr && ended != nullptr && ended->was_cancelled()) {
            core->cancel();
        }
    });
}

}  // namespace pinfold::detail
