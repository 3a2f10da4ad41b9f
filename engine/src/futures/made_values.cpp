#include <exception>
#include <pinfold/engine/detail/tasks/continuation.hpp>
#include <pinfold/engine/detail/tasks/task_call.hpp>
#include <pinfold/engine/detail/tasks/value_state.hpp>
#include <pinfold/engine/detail/tasks/waiting_time.hpp>
#include <pinfold/engine/errors.hpp>
#include <sstream>
#include <stdexcept>

#include "futures/timed_task.hpp"
#include "tree/worker_process.hpp"

namespace pinfold::detail {

namespace {

void submit_within_room(TaskClient& client, const TaskSpec& spec,
                        std::shared_ptr<FutureState> state) {
    const TaskOptions& options = *spec.options;
    if (options.room_within.count() < 0 && !options.stop.stop_possible()) {
        client.submit(spec, std::move(state));
    } else if (!client.submit_within(spec, std::move(state), options.room_within, options.stop)) {
        if (options.stop.stop_requested()) {
            throw Cancelled("a stop was requested before there was room for the task");
        }
        throw Timeout("there was no room for the task within " +
                      std::to_string(std::chrono::duration<double>(options.room_within).count()) +
                      " s: all of PoolOptions::task_slots are taken by tasks that are not done");
    }
}

}  // namespace

void read_or_fail(const FutureState& state, CallOf read) {
    try {
        read();
    } catch (...) {
        state.throw_unreadable_result();
    }
}

void make_or_fail(FutureState& state, CallOf make) noexcept {
    try {
        make();
    } catch (...) {
        state.fail(std::current_exception());
    }
}

std::exception_ptr failure_of(const FutureState& state) noexcept {
    try {
        state.check();
        return nullptr;
    } catch (...) {
        return std::current_exception();
    }
}

void refuse_empty_future() {
    throw std::logic_error(
        "this Future has no task: it was moved from, or its value was moved out by get()");
}

void throw_timeout(std::chrono::nanoseconds waited) {
    std::ostringstream text;
    text << "the task was not done after " << std::chrono::duration<double>(waited).count() << " s";
    throw Timeout(text.str());
}

void submit_as_told(TaskClient& client, const TaskSpec& spec, std::shared_ptr<FutureState> state) {
    submit_with_times(
        spec, [&](const TaskSpec& timed) { submit_within_room(client, timed, std::move(state)); });
}

void AnyValueState::let_go(std::shared_ptr<AnyValueState> state) noexcept {
    try {
        // What a worker process has of an array is a view: it keeps nothing alive, and what it
        // drops is freed by whoever ends it, not at the next look of this worker.
        if (state->keeps_ && !state->is_done() && !inside_worker_process()) {
            state->on_done([state] {});
            return;
        }
    } catch (...) {
        // In a child that the user forked there is no task. Without memory for the hook, the task
        // may find its array gone, as if the caller had dropped that alone.
    }
    state->drop();
}

}  // namespace pinfold::detail
