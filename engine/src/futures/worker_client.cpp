#include "futures/worker_client.hpp"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>
#include <stdexcept>
#include <utility>

#include "results/worker_blocks.hpp"
#include "tasks/task_runner.hpp"
#include "wait_slice.hpp"

namespace pinfold::detail {

namespace {

using std::chrono::nanoseconds;

/// What lies in a TaskRunner.
struct Seat {
    Crew crew;
    std::shared_ptr<shm::Arena> arena;
    std::shared_ptr<WorkerClient> client;
};

Seat& seat_of(const TaskRunner& runner) noexcept {
    return *static_cast<Seat*>(runner.client.get());
}

}  // namespace

WorkerClient::WorkerClient(Crew crew, TaskRunner& runner, std::shared_ptr<shm::Arena> arena,
                           int process_of_workers)
    : LaneHome(crew, runner.owner(), lane_of(runner.worker()), std::move(arena)),
      runner_(runner),
      process_of_workers_(process_of_workers) {}

bool WorkerClient::is_on_its_thread() const noexcept {
    return runner_here() == &runner_;
}

// What the workers call, they have. Code that a task loaded is in this process alone, but nobody
// here knows what the others have.
void WorkerClient::check_code(const void* function) const {
    if (function == nullptr) {
        throw std::invalid_argument("the task is a null pointer to a function");
    }
}

void WorkerClient::submit(const TaskSpec& spec, std::shared_ptr<FutureState> state) {
    require_owner();
    check_options(*spec.options);
    check_code(spec.code);
    // Else tasks that submit tasks would keep a pool whose workers are threads from its end.
    if (runner_.table().closing->load(std::memory_order_relaxed)) {
        throw Cancelled("the pool ended before the task was submitted");
    }
    Lock lock(mutex_);
    std::optional<TaskSlotId> room = find_room(lock);
    if (!room && spec.options->deadline.count() != 0) {
        room = make_room(lock);
    }
    if (room) {
        put(*room, spec, state, is_on_its_thread() ? runner_.running() : TaskSlotId(), lock);
        dispatch(std::move(lock));
        runner_.table().call_one();
        return;
    }
    dispatch(std::move(lock));
    describe(*state, *spec.options, 0);
    WorkerBlocks blocks(nullptr, 0);
    run_in_caller(spec.call, spec.message, *state, blocks);
}

// A task without a slot is a plain call, which nobody ends at a deadline. So one that has a
// deadline gets the slot of another child, which has its turn first.
std::optional<TaskSlotId> WorkerClient::make_room(Lock& lock) {
    std::optional<TaskSlotId> room;
    while (!room && is_on_its_thread()) {
        dispatch(std::move(lock));
        const bool has_run = runner_.run_own_child();
        lock = Lock(mutex_);
        room = find_room(lock);
        if (!has_run) {
            break;
        }
    }
    return room;
}

bool WorkerClient::submit_within(const TaskSpec& spec, std::shared_ptr<FutureState> state,
                                 nanoseconds, const std::stop_token& stop) {
    if (stop.stop_requested()) {
        return false;
    }
    submit(spec, std::move(state));
    return true;
}

int WorkerClient::completion_fd() {
    throw std::logic_error("a worker has no descriptor that counts futures");
}

void WorkerClient::shutdown(Shutdown) {
    throw std::logic_error("a task cannot shut its pool down: its host can");
}

bool WorkerClient::wait(FutureState& state, nanoseconds longest) {
    FutureState* const one = &state;
    return wait_any({&one, 1}, longest) == 0;
}

std::size_t WorkerClient::wait_any(std::span<FutureState* const> states, nanoseconds longest) {
    if (const std::size_t found = find_done(states); found < states.size()) {
        return found;
    }
    const Until until(longest);
    const bool has_slot = states.size() == 1 && is_in_slot(*states[0]);
    const bool are_all_here = std::ranges::all_of(
        states, [&](const FutureState* state) { return home_of(*state) == this; });
    const TaskFlag flag = has_slot ? task_awaited : task_watched;
    const AnyWaiter waiter(*this);
    std::size_t found = states.size();
    bool is_stranded = false;  // a slice of a wait for ever has passed
    for (;;) {
        const Use use(*this);
        shm::Doorbell& bell = has_slot ? owner().bell(id_of(*states[0])) : owner().lane().news;
        const std::uint32_t seen = use.is_in() ? bell.value() : 0;
        found = find_done(states);
        if (found < states.size() || until.is_over()) {
            break;
        }
        if (!use.is_in()) {
            usleep(1000);  // until the pool, which ends, has ended these too
            continue;
        }
        if (run_on_worker(states) || (is_stranded && run_stranded(states))) {
            continue;
        }
        is_stranded = false;
        if (states.size() == 1) {
            refuse_wait_for_hooks(*states[0], longest);
        }
        if (mark_pending(states, flag)) {
            is_stranded =
                !bell.wait(seen, until.left(are_all_here ? wait_slice : look_at_others)) &&
                until.is_never();
        }
    }
    return found;
}

// Futures with hooks end here too: what waits for one may be made by a hook.
std::size_t WorkerClient::find_done(std::span<FutureState* const> states) {
    Lock lock(mutex_);
    collect(lock);
    dispatch(std::move(lock));
    const auto done =
        std::ranges::find_if(states, [](const FutureState* state) { return state->is_done(); });
    return static_cast<std::size_t>(done - states.begin());
}

// Returns whether all of them are.
bool WorkerClient::mark_pending(std::span<FutureState* const> states, TaskFlag flag) {
    return std::ranges::all_of(states, [&](const FutureState* state) {
        return home_of(*state) != this || !is_in_slot(*state) || mark(*state, flag) ||
               is_run_by_caller(*state);
    });
}

// Where workers are free, one of them has begun it by now. Those that are not may wait for this
// very thread.
bool WorkerClient::run_stranded(std::span<FutureState* const> states) {
    if (runner_here() != nullptr) {
        return false;
    }
    return std::ranges::any_of(states, [&](FutureState* state) {
        if (home_of(*state) != this || !is_in_slot(*state)) {
            return false;
        }
        WorkerBlocks blocks(nullptr, 0);
        return run_in_caller_if_ready(*state, blocks);
    });
}

bool WorkerClient::may_kill(const TaskState& running) const noexcept {
    return running.worker != runner_.worker();  // else whoever asks would go as well
}

void WorkerClient::kill_marked() noexcept {
    if (getppid() == process_of_workers_) {  // else there is nobody to look, or to be killed
        ::kill(process_of_workers_, SIGCHLD);
    }
}

void WorkerClient::free_block(std::byte* block) noexcept {
    std::free(block);
}

// A block of the pool's heap that only this process knows of would stay after its death.
ResultSlot WorkerClient::take_result(const TaskSlotId& id) {
    ResultSlot result = owner().slot(id).result;
    if (result.has_block()) {
        auto* const copy = static_cast<std::byte*>(std::malloc(result.bytes));
        if (copy == nullptr) {
            throw std::bad_alloc();
        }
        std::memcpy(copy, result.block, result.bytes);
        result.block = copy;
    }
    return result;
}

void prepare_worker_client(TaskRunner& runner, Crew crew, std::shared_ptr<shm::Arena> arena) {
    // Else another thread may be about to make it when the workers are forked, and then each of
    // them would wait for that thread.
    static_cast<void>(FutureHome::of_no_pool());
    runner.client = std::make_shared<Seat>(Seat{crew, std::move(arena), nullptr});
}

void close_worker_client(TaskRunner& runner) noexcept {
    if (runner.client && seat_of(runner).client) {
        seat_of(runner).client->begin_close();
        seat_of(runner).client->close();
    }
    runner.client.reset();
}

WorkerClient* worker_client_here() {
    TaskRunner* const runner = runner_here();
    if (runner == nullptr) {
        return nullptr;
    }
    Seat& seat = seat_of(*runner);
    if (!seat.client) {
        const int parent = seat.crew == Crew::processes ? getppid() : 0;
        seat.client = std::make_shared<WorkerClient>(seat.crew, *runner, seat.arena, parent);
    }
    return seat.client.get();
}

}  // namespace pinfold::detail
