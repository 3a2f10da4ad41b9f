#include "futures/future_home.hpp"

#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>

#include "caught.hpp"
#include "clock.hpp"
#include "futures/ends.hpp"
#include "futures/serial_client.hpp"
#include "futures/timed_task.hpp"
#include "process/fork_lock.hpp"
#include "process/why_refused.hpp"
#include "wait_slice.hpp"

namespace pinfold::detail {

namespace {

using std::chrono::nanoseconds;

// Tasks that are run by the submit or the wait of one another. More would end in a stack that is
// too small; the limit for those on a worker's line is the same.
constexpr int deepest = 64;
thread_local int depth = 0;

thread_local TaskClient* runs_here = nullptr;  // whose task the thread runs so, the innermost

/// The same for a task, of which only so many may lie in each other.
struct OneDeeper {
    explicit OneDeeper(TaskClient& client) noexcept : here(client) { ++depth; }
    ~OneDeeper() { --depth; }
    OneDeeper(const OneDeeper&) = delete;
    OneDeeper& operator=(const OneDeeper&) = delete;

    RunsHere here;
};

/// A hook that throws harms nobody.
void call_hook(const std::function<void()>& hook) noexcept {
    try {
        hook();
    } catch (...) {
        const Caught caught;
        std::fprintf(stderr, "pinfold: a callback of a future threw %s: %s\n", caught.type(),
                     caught.text());
    }
}

/// While one lives, the signals of the thread are blocked, and so those of a thread that it starts.
class SignalsBlocked {
  public:
    SignalsBlocked() {
        sigset_t all;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    SignalsBlocked(const SignalsBlocked&) = delete;
    SignalsBlocked& operator=(const SignalsBlocked&) = delete;

  private:
    sigset_t before_{};
};

}  // namespace

RunsHere::RunsHere(TaskClient& client) noexcept : outer_(std::exchange(runs_here, &client)) {}

RunsHere::~RunsHere() {
    runs_here = outer_;
}

TaskClient* FutureHome::running_here() noexcept {
    return runs_here;
}

FutureHome::FutureHome(Crew crew) : mark_(shm::mark_of_this_process()), crew_(crew) {}

// In a child the thread is not there, and its object would end the program.
FutureHome::~FutureHome() {
    if (!is_ours()) {
        static_cast<void>(thread_.release());
    }
}

// Never destroyed: futures may be static.
FutureHome& FutureHome::of_no_pool() {
    static auto* const home = new std::shared_ptr<FutureHome>(make_home_of_no_pool());
    return **home;
}

void FutureHome::require_owner() const {
    if (!mark_.holds()) {
        throw std::logic_error(
            "a Future, or tasks of a Pool, were used in a child process, which has no workers: "
            "they are those of the process that made the pool");
    }
}

void FutureHome::check_options(const TaskOptions& options) const {
    if (options.max_attempts < 1 || options.max_attempts > static_cast<int>(most_attempts)) {
        throw std::invalid_argument("max_attempts " + std::to_string(options.max_attempts) +
                                    " of a task is not in [1, " + std::to_string(most_attempts) +
                                    "]");
    }
    if (options.deadline.count() < 0) {
        throw std::invalid_argument("the deadline of a task is negative");
    }
    const bool needs_processes = options.deadline.count() != 0 || options.kill_on_cancel;
    if (needs_processes && crew_ != Crew::processes) {
        throw std::invalid_argument(
            std::string(options.kill_on_cancel ? "kill_on_cancel" : "the deadline") +
            " of a task needs Crew::processes, but the pool's crew is " +
            std::string(to_string(crew_)));
    }
}

void FutureHome::describe(FutureState& state, const TaskOptions& options, std::uint64_t number) {
    state.home_ = shared_from_this();
    state.number_ = number;
    state.may_be_killed_ = options.kill_on_cancel;
    state.timeline_ = options.timeline;
    const std::size_t bytes = std::min(options.name.size(), state.name_.size() - 1);
    std::copy_n(options.name.data(), bytes, state.name_.data());
}

TaskFailed::Details FutureHome::details_of(const FutureState& state) {
    TaskFailed::Details details;
    details.number = state.number_;
    details.name = state.name_.data();
    return details;
}

void FutureHome::adopt(FutureState& state) {
    require_owner();
    state.home_ = shared_from_this();
}

bool FutureHome::look(FutureState& state) {
    return has_ended(state);
}

bool FutureHome::is_running(const FutureState& state) {
    return state.stage_.load(std::memory_order_acquire) == Stage::begun;
}

// A hook that waited for what a later hook makes would hold up this one for ever.
void FutureHome::refuse_wait_for_hooks(const FutureState& state, nanoseconds longest) const {
    if (longest.count() < 0 && state.is_made_by_hooks_ && is_callback_thread()) {
        throw std::logic_error(
            "a function of then() or on_error(), or a coroutine, waits for what another one makes: "
            "they run one after the other, in this thread; return that Future, or co_await it");
    }
}

int FutureHome::attempts(const FutureState& state) {
    return has_ended(state) ? state.attempts_ : 0;
}

bool FutureHome::wait(FutureState& state, nanoseconds longest) {
    const std::int64_t began = now_ns();
    state.is_slept_on_.store(true, std::memory_order_seq_cst);  // before the look; see end()
    for (;;) {
        const std::uint32_t seen = state.bell_.value();
        if (has_ended(state)) {
            return true;
        }
        const nanoseconds left = longest - nanoseconds(now_ns() - began);
        if (longest.count() >= 0 && left.count() <= 0) {
            return false;
        }
        refuse_wait_for_hooks(state, longest);
        state.bell_.wait(seen, longest.count() < 0 ? longest : left);
    }
}

std::size_t FutureHome::wait_any(std::span<FutureState* const> states, nanoseconds longest) {
    const auto is_here = [&](const FutureState* state) { return state->home_.get() == this; };
    const nanoseconds slice =
        std::ranges::all_of(states, is_here) ? nanoseconds(wait_slice) : look_at_others;
    const std::int64_t began = now_ns();
    const AnyWaiter waiter(*this);
    std::size_t found = states.size();
    for (;;) {
        const std::uint32_t seen = bell_.value();
        const auto done =
            std::ranges::find_if(states, [](const FutureState* state) { return state->is_done(); });
        found = static_cast<std::size_t>(done - states.begin());
        const nanoseconds left = longest - nanoseconds(now_ns() - began);
        if (done != states.end() || (longest.count() >= 0 && left.count() <= 0)) {
            break;
        }
        bell_.wait(seen, longest.count() < 0 ? slice : std::min(left, slice));
    }
    return found;
}

bool FutureHome::cancel(FutureState& state) {
    Lock lock(mutex_);
    if (state.stage_.load(std::memory_order_relaxed) == Stage::pending) {
        end_cancelled(state, "the future was cancelled before it began");
    }
    const bool is_cancelled = has_ended(state) && state.ending_ == Ending::cancelled;
    dispatch(std::move(lock));
    return is_cancelled;
}

bool FutureHome::begin(FutureState& state) {
    const Lock lock(mutex_);
    if (state.stage_.load(std::memory_order_relaxed) == Stage::pending) {
        state.stage_.store(Stage::begun, std::memory_order_release);
    }
    return !has_ended(state);
}

void FutureHome::end_made(FutureState& state, std::exception_ptr failure) {
    Lock lock(mutex_);
    if (!has_ended(state)) {
        if (failure) {
            end_thrown(state, failure);
        } else {
            end(state, Ending::value);
        }
    }
    dispatch(std::move(lock));
}

void FutureHome::end_with_result(FutureState& state, const ResultSlot& result) noexcept {
    state.result_.bytes = result.bytes;
    std::memcpy(state.result_.content, result.here, sizeof state.result_.content);
    end(state, Ending::value);
}

void FutureHome::end_cancelled(FutureState& state, const char* why) {
    state.failure_ = std::make_exception_ptr(Cancelled(why));
    end(state, Ending::cancelled);
}

void FutureHome::end_failed(FutureState& state, TaskFailed::Details details) {
    state.details_ = std::make_unique<TaskFailed::Details>(std::move(details));
    end(state, Ending::failed);
}

void FutureHome::end_thrown(FutureState& state, const std::exception_ptr& failure) noexcept {
    state.failure_ = failure;
    end(state, Ending::thrown);
}

// The state may be gone when somebody sees that it is done, but for the caller's share in it.
// Whoever sleeps says so and then looks; this ends the state and then looks whether somebody does
// (all seq_cst). One of the two sees the other.
void FutureHome::end(FutureState& state, Ending ending) noexcept {
    state.ending_ = ending;
    for (std::function<void()>& hook : state.hooks_) {
        queue_.push_back(std::move(hook));
    }
    state.hooks_.clear();
    state.stage_.store(Stage::done, std::memory_order_seq_cst);
    for (EndNote* note = std::exchange(state.notes_, nullptr); note != nullptr;) {
        EndNote& told = *std::exchange(note, note->next);
        told.to->tell(told.number);
    }
    if (state.is_slept_on_.load(std::memory_order_seq_cst)) {
        state.bell_.ring();
    }
    if (any_waiters_.load(std::memory_order_seq_cst) != 0) {
        bell_.ring();
        news().ring();
    }
    if (completions_) {
        ++uncounted_;
    }
}

bool FutureHome::leave_note(FutureState& state, EndNote& note) {
    FutureHome& home = state.home();
    const Lock lock(home.mutex_);
    if (has_ended(state)) {
        return false;
    }
    note.next = std::exchange(state.notes_, &note);
    return true;
}

// In a child that the user forked nobody ends the state.
void FutureHome::forget_note(FutureState& state, EndNote& note) noexcept {
    FutureHome& home = state.home_ ? *state.home_ : of_no_pool();
    if (!home.is_ours()) {
        return;
    }
    const Lock lock(home.mutex_);
    EndNote** at = &state.notes_;
    while (*at != nullptr && *at != &note) {
        at = &(*at)->next;
    }
    if (*at != nullptr) {
        *at = note.next;
    }
}

FutureHome* FutureHome::home_of_all(std::span<const std::shared_ptr<FutureState>> states) noexcept {
    const auto is_here = [&](const std::shared_ptr<FutureState>& state) {
        return state->home_ == states.front()->home_;
    };
    return std::ranges::all_of(states, is_here) && !states.empty() ? states.front()->home_.get()
                                                                   : nullptr;
}

void FutureHome::on_done(FutureState& state, std::function<void()> hook) {
    Lock lock(mutex_);
    if (!calls_hooks_here()) {
        start_thread();
    }
    if (has_ended(state)) {
        queue_.push_back(std::move(hook));
    } else {
        state.hooks_.push_back(std::move(hook));
        if (state.hooks_.size() == 1) {
            watch(state, lock);
        }
    }
    dispatch(std::move(lock));
}

bool FutureHome::run_on_callback_thread(std::function<void()> function) {
    require_owner();
    Lock lock(mutex_);
    if (is_over_) {
        return false;
    }
    if (!calls_hooks_here()) {
        start_thread();
    }
    queue_.push_back(std::move(function));
    dispatch(std::move(lock));
    return true;
}

int FutureHome::completion_fd() {
    require_owner();
    Lock lock(mutex_);
    if (!completions_) {
        start_thread();
        const ForkLock no_child_gets_it;
        const int number = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        if (number < 0) {
            throw refusal(errno, "completion_fd()");
        }
        completions_.emplace(Descriptor(number));
        watch_all(lock);
    }
    const int number = completions_->number();
    dispatch(std::move(lock));
    return number;
}

// A counter that is full is readable, which is all that it has to be.
void FutureHome::count_completion() noexcept {
    const int number = completions_->number();
    if (number >= 0) {
        [[maybe_unused]] const auto written = write(number, &uncounted_, sizeof uncounted_);
    }
    uncounted_ = 0;
}

void FutureHome::let_go(std::shared_ptr<FutureState>&& state) {
    if (state.use_count() == 1) {
        gone_.push_back(std::move(state));
    }
    state.reset();
}

void FutureHome::dispatch(Lock lock) noexcept {
    const std::vector<std::shared_ptr<FutureState>> gone = std::exchange(gone_, {});
    if (uncounted_ != 0) {
        count_completion();
    }
    if (queue_.empty()) {
        lock.unlock();
        return;
    }
    if (!calls_hooks_here()) {
        news().ring();
    } else if (!is_calling_) {
        // What a hook ends waits for its turn: a long chain needs no deep stack.
        is_calling_ = true;
        thread_id_.store(std::this_thread::get_id(), std::memory_order_relaxed);
        while (!queue_.empty()) {
            call_queue(lock);
        }
        thread_id_.store(std::thread::id(), std::memory_order_relaxed);
        is_calling_ = false;
    }
    lock.unlock();  // before the states go
}

void FutureHome::call_queue(Lock& lock) noexcept {
    std::deque<std::function<void()>> due = std::exchange(queue_, {});
    lock.unlock();
    while (!due.empty()) {
        call_hook(due.front());
        due.pop_front();  // what the hook held goes here too
    }
    lock.lock();
}

bool FutureHome::is_callback_thread() const noexcept {
    return thread_id_.load(std::memory_order_relaxed) == std::this_thread::get_id();
}

void FutureHome::start_thread() {
    if (thread_) {
        return;
    }
    const SignalsBlocked none_reaches_it;
    thread_ = std::make_unique<std::thread>([self = shared_from_this()] { self->run_callbacks(); });
}

void FutureHome::run_callbacks() noexcept {
    pthread_setname_np(pthread_self(), "pinfold:calls");
    thread_id_.store(std::this_thread::get_id(), std::memory_order_relaxed);
    Lock lock(mutex_);
    for (;;) {
        if (!queue_.empty()) {
            call_queue(lock);
            continue;
        }
        if (is_over_) {
            return;
        }
        shm::Doorbell& bell = news();
        const std::uint32_t seen = bell.value();
        const bool is_any_left = collect(lock);
        if (uncounted_ != 0) {
            count_completion();
        }
        if (!queue_.empty()) {
            continue;
        }
        std::vector<std::shared_ptr<FutureState>> gone = std::exchange(gone_, {});
        lock.unlock();
        gone.clear();
        if (!bell.wait(seen, is_any_left ? nanoseconds(wait_slice) : nanoseconds(-1))) {
            look_at_pool();
        }
        lock.lock();
    }
}

// From the callback thread itself, whose hook ends the pool, there is nobody to wait for: it goes
// on until the queue is empty.
void FutureHome::end_callbacks() noexcept {
    Lock lock(mutex_);
    is_over_ = true;
    const std::unique_ptr<std::thread> thread = std::move(thread_);
    lock.unlock();
    if (!thread) {
        return;
    }
    news().ring();
    if (is_callback_thread()) {
        thread->detach();
    } else {
        thread->join();
    }
}

void FutureHome::require_depth() {
    if (depth == deepest) {
        throw std::runtime_error(
            "tasks that run one another lie more than " + std::to_string(deepest) +
            " deep: submit them all before you wait for the first, or do small parts directly");
    }
}

void FutureHome::run_in_caller(TaskFunction call, std::span<const std::byte> message,
                               FutureState& state, ResultBlocks& blocks) {
    require_depth();
    ResultSlot slot;
    slot.bytes = 0;
    std::optional<TaskFailed::Details> failed;
    try {
        const OneDeeper deeper(*this);
        call({message.data(), message.size(), &slot, &blocks});
        blocks.give_over();
    } catch (...) {
        blocks.drop();
        const Caught caught;
        failed = details_of(state);
        failed->attempts = 1;
        failed->exception_type = caught.type();
        failed->exception_text = caught.text();
    }
    Lock lock(mutex_);
    state.attempts_ = 1;
    if (has_ended(state)) {
        return;  // the pool did meanwhile
    }
    record(state, message, failed.has_value());
    if (failed) {
        end_failed(state, std::move(*failed));
    } else {
        end_with_result(state, slot);
    }
    dispatch(std::move(lock));
}

void FutureHome::record_times(const FutureState& state, std::span<const std::byte> message,
                              bool has_failed) noexcept {
    try {
        std::string name = state.name_.data();
        if (name.empty()) {
            name = "task " + std::to_string(state.number_);
        }
        TimedTask::record(*state.timeline_, message, std::move(name), state.attempts_, has_failed);
    } catch (const std::bad_alloc&) {
        // A trace without it is better than a task without an end.
    }
}

void FutureHome::forget_timeline(FutureState& state) {
    FutureHome& home = state.home();
    const Lock lock(home.mutex_);
    state.timeline_ = nullptr;
}

}  // namespace pinfold::detail
