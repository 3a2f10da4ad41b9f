#include "futures/lane_home.hpp"

#include <algorithm>
#include <bit>
#include <string>
#include <utility>

#include "clock.hpp"
#include "floating_mode.hpp"
#include "report/how_it_ended.hpp"
#include "tasks/task_runner.hpp"
#include "wait_slice.hpp"

namespace pinfold::detail {

namespace {

using std::chrono::nanoseconds;

// A worker has them from the start, since it submits without memory of its own.
constexpr std::size_t slots_at_once = slots_a_worker;

Death death_in_task(const WorkerEnd& end) {
    return {static_cast<int>(end.worker), end.death.pid,
            end.death.past_deadline ? "killed past the task's deadline" : how_it_ended(end.death)};
}

}  // namespace

Until::Until(nanoseconds longest) noexcept
    : longest_(longest), began_ns_(longest.count() > 0 ? now_ns() : 0) {}

nanoseconds Until::gone() const noexcept {
    const std::int64_t now = now_ns();
    if (began_ns_ == 0) {
        began_ns_ = now;
    }
    return nanoseconds(now - began_ns_);
}

nanoseconds Until::left() const noexcept {
    if (longest_.count() <= 0) {
        return longest_;
    }
    return std::max(longest_ - gone(), nanoseconds(0));
}

nanoseconds Until::left(nanoseconds most) const noexcept {
    const nanoseconds left = this->left();
    return left.count() < 0 ? most : std::min(left, most);
}

// seq_cst: either this sees that the pool closes, or begin_close() sees this.
LaneHome::Use::Use(const LaneHome& home) noexcept : home_(home) {
    home_.users_.fetch_add(1, std::memory_order_seq_cst);
    is_in_ = !home_.is_closing();
    if (!is_in_ && home_.is_on_worker()) {
        is_in_ = true;
        is_counted_ = false;
        leave();
    }
}

LaneHome::Use::~Use() {
    if (is_counted_) {
        leave();
    }
}

void LaneHome::Use::leave() const noexcept {
    if (home_.users_.fetch_sub(1, std::memory_order_seq_cst) == 1 && home_.is_closing()) {
        home_.left_.ring();
    }
}

LaneHome::LaneHome(Crew crew, TaskOwner& owner, std::uint32_t lane,
                   std::shared_ptr<shm::Arena> arena)
    : FutureHome(crew),
      owner_(owner),
      table_(&owner.table()),
      lane_(lane),
      arena_(std::move(arena)),
      states_(owner.lane().slots.size() <= slots_at_once ? owner.lane().slots.size() : 0) {}

// What the workers use goes after the last of them. The table of a pool that is gone may be another
// pool's by now.
bool LaneHome::is_on_worker() const noexcept {
    const TaskRunner* const runner = runner_here();
    return runner != nullptr && &runner->table() == table_ &&
           !is_closed_.load(std::memory_order_acquire);
}

bool LaneHome::is_over(const FutureState& state) const noexcept {
    const TaskState now = owner_.state(id_of(state));
    return now.lap != place_of(state).lap ||
           (now.kind != TaskKind::ready && now.kind != TaskKind::running);
}

bool LaneHome::is_ready(const FutureState& state) const noexcept {
    const TaskState now = owner_.state(id_of(state));
    return now.lap == place_of(state).lap && now.kind == TaskKind::ready;
}

bool LaneHome::look(FutureState& state) {
    if (has_ended(state)) {
        return true;
    }
    return look_under(Lock(mutex_), state);
}

bool LaneHome::look_in_lane(FutureState& state) {
    if (has_ended(state)) {
        return true;
    }
    if (!is_over(state)) {
        return false;
    }
    return look_under(Lock(mutex_), state);
}

// The pool stays while somebody has its mutex.
bool LaneHome::look_under(Lock lock, FutureState& state) {
    if (!has_ended(state) && is_in_slot(state) && !is_closed_) {
        const TaskSlotId id = id_of(state);
        const TaskState now = owner_.state(id);
        if (now.lap == id.lap && now.kind == TaskKind::done) {
            owner_.prefetch_behind(id);
            harvest(id, lock);
        }
    }
    const bool ended = has_ended(state);
    dispatch(std::move(lock));
    return ended;
}

bool LaneHome::is_running(const FutureState& state) {
    if (has_ended(state)) {
        return false;
    }
    const Use use(*this);
    if (!use.is_in() || !is_in_slot(state)) {
        return FutureHome::is_running(state);
    }
    const TaskState now = owner_.state(id_of(state));
    return now.lap == place_of(state).lap && now.kind == TaskKind::running;
}

int LaneHome::attempts(const FutureState& state) {
    const Use use(*this);
    if (has_ended(state) || !use.is_in() || !is_in_slot(state)) {
        return FutureHome::attempts(state);
    }
    const TaskState now = owner_.state(id_of(state));
    return now.lap == place_of(state).lap ? static_cast<int>(now.attempts)
                                          : FutureHome::attempts(state);
}

std::optional<TaskSlotId> LaneHome::find_room(const Lock& lock) {
    return owner_.find_room([&](const TaskSlotId& id) {
        if (owner_.state(id).kind == TaskKind::done) {  // else the host runs it
            harvest(id, lock);
        }
    });
}

void LaneHome::put(const TaskSlotId& room, const TaskSpec& spec, std::shared_ptr<FutureState> state,
                   const TaskSlotId& parent, const Lock& lock) {
    if (room.slot >= states_.size()) {
        make_room_for(room);
    }
    place_of(*state) = {room.lane, room.slot, room.lap, true};
    owner_.publish(room, spec, parent);
    describe(*state, *spec.options, owner_.slot(room).number);
    FutureState& kept = *state;
    states_[room.slot] = std::move(state);
    if (counts_completions()) {
        watch(kept, lock);
    }
}

// A pool's host may have thousands of slots, and mostly uses few: they are used from the first on.
void LaneHome::make_room_for(const TaskSlotId& room) {
    const std::size_t wanted = 2 * std::size_t{room.slot} + slots_at_once;
    try {
        states_.resize(std::min(wanted, owner_.lane().slots.size()));
    } catch (...) {
        owner_.give_back(room);
        throw;
    }
}

// The state may be nobody's any more; it goes when the lock is given up, since what its hooks hold
// is the user's.
void LaneHome::harvest(const TaskSlotId& id, const Lock& /*lock*/) {
    std::shared_ptr<FutureState>& state = states_[id.slot];
    if (state) {
        end_by_slot(*state, id);
        let_go(std::move(state));
    }
    owner_.release(id);
}

void LaneHome::harvest_ended(bool of_all) {
    Lock lock(mutex_);
    const TaskLane& lane = owner_.lane();
    for (std::uint32_t word = 0; word < lane.ended_bits.size(); ++word) {
        std::atomic<std::uint64_t>& its_bits = lane.ended_bits[word];
        std::uint64_t bits = its_bits.load(std::memory_order_relaxed);
        if (bits != 0) {
            bits = its_bits.exchange(0, std::memory_order_acquire);  // see TaskLane::note_ended()
        }
        if (of_all) {
            bits = ~std::uint64_t{0};
        }
        for (; bits != 0; bits &= bits - 1) {
            const std::uint32_t slot =
                word * 64 + static_cast<std::uint32_t>(std::countr_zero(bits));
            if (slot < states_.size() && states_[slot] &&
                state_of(lane.slots[slot].word).kind == TaskKind::done) {
                harvest(id_of(*states_[slot]), lock);
            }
        }
    }
    dispatch(std::move(lock));
}

void LaneHome::end_by_slot(FutureState& state, const TaskSlotId& id) {
    const TaskSlot& slot = owner_.slot(id);
    note_attempts(state, owner_.state(id).attempts);
    const bool has_value = slot.outcome.load(std::memory_order_relaxed) == TaskOutcome::value;
    record(state, owner_.message(id), !has_value);
    if (has_value) {
        end_with_result(state, take_result(id));
    } else {
        end_failed(state, failure_of(state, id));
    }
}

TaskFailed::Details LaneHome::failure_of(const FutureState& state, const TaskSlotId& id) const {
    TaskFailed::Details details = details_of(state);
    details.attempts = static_cast<int>(owner_.state(id).attempts);
    const TaskFailure& failure = owner_.failure(id);
    if (failure.lap != id.lap) {
        return details;
    }
    if (owner_.slot(id).outcome.load(std::memory_order_relaxed) != TaskOutcome::lost) {
        details.exception_type = failure.type.data();
        details.exception_text = failure.text.data();
    }
    const std::uint32_t kept = std::min(failure.deaths, TaskFailure::kept_ends);
    for (std::uint32_t n = failure.deaths - kept; n < failure.deaths; ++n) {
        details.deaths.push_back(death_in_task(failure.ends[n % TaskFailure::kept_ends]));
    }
    return details;
}

bool LaneHome::mark(const FutureState& state, TaskFlag flag) {
    const Lock lock(mutex_);
    return !has_ended(state) && owner_.mark(id_of(state), flag);
}

void LaneHome::wake(const TaskSlotId& id) noexcept {
    owner_.bell(id).ring();
    owner_.lane().news.ring();  // who waits for room
}

bool LaneHome::cancel_in_lane(FutureState& state, const Lock& /*lock*/) {
    const TaskSlotId id = id_of(state);
    if (has_ended(state) || !owner_.cancel(id)) {
        return false;
    }
    end_cancelled(state, "the task was cancelled before it started");
    let_go(std::move(states_[id.slot]));
    owner_.release(id);
    wake(id);
    return true;
}

bool LaneHome::cancel(FutureState& state) {
    if (!is_in_slot(state)) {
        return FutureHome::cancel(state);
    }
    const Use use(*this);
    if (!use.is_in()) {
        return was_cancelled_now(state);
    }
    Lock lock(mutex_);
    const bool is_cancelled = cancel_in_lane(state, lock);
    const bool is_killed = !is_cancelled && may_be_killed(state) && !has_ended(state) &&
                           may_kill(owner_.state(id_of(state))) && kill(id_of(state), lock);
    dispatch(std::move(lock));
    if (is_killed) {
        kill_marked();
    }
    return is_cancelled || was_cancelled_now(state);
}

// Whoever buries the worker frees the slot, or the worker itself, if it was quicker.
bool LaneHome::kill(const TaskSlotId& id, const Lock& /*lock*/) {
    if (!owner_.kill(id)) {
        return false;
    }
    if (std::shared_ptr<FutureState> state = take_state(id)) {
        end_cancelled(*state, "the task was cancelled, and its worker killed");
        let_go(std::move(state));
    }
    owner_.bell(id).ring();
    return true;
}

void LaneHome::drop(FutureState& state) noexcept {
    const Use use(*this);
    if (!use.is_in() || !is_in_slot(state) || has_ended(state)) {
        return;
    }
    Lock lock(mutex_);
    if (has_ended(state) || has_hooks(state) || is_timed(state)) {
        return;
    }
    const TaskSlotId id = id_of(state);
    if (!states_[id.slot]) {
        return;  // a thread runs the task, and releases the slot itself
    }
    let_go(std::move(states_[id.slot]));
    if (!owner_.mark(id, task_unwanted)) {
        owner_.release(id);
    }
    dispatch(std::move(lock));
}

shm::Doorbell& LaneHome::news() noexcept {
    return is_closed_ ? FutureHome::news() : owner_.lane().news;
}

// Such a task may be of another lane, or the host's. A worker that slept meanwhile might be the one
// that was to run it.
bool LaneHome::run_on_worker(std::span<FutureState* const> states) {
    TaskRunner* const runner = runner_here();
    if (runner == nullptr || &runner->table() != table_) {
        return false;
    }
    for (const FutureState* const state : states) {
        const auto* const home = dynamic_cast<const LaneHome*>(home_of(*state));
        if (home == nullptr || has_ended(*state) || !is_in_slot(*state) || home->table_ != table_) {
            continue;
        }
        const TaskSlotId id = home->id_of(*state);
        const TaskState seen = home->owner_.state(id);
        if (seen.lap == id.lap && seen.kind == TaskKind::ready && runner->run_here(id, seen)) {
            return true;
        }
    }
    return runner->run_own_child();
}

// Nobody else runs it then: its word says that it is cancelled, until this is over. A thread that
// is no worker's is not killed at a deadline.
bool LaneHome::run_in_caller_if_ready(FutureState& state, ResultBlocks& blocks) {
    require_depth();  // before it is nobody else's
    Lock lock(mutex_);
    const TaskSlotId id = id_of(state);
    if (has_ended(state) || owner_.slot(id).deadline_ns != 0 || !owner_.cancel(id)) {
        return false;
    }
    const std::shared_ptr<FutureState> kept = take_state(id);
    ++run_by_callers_;
    lock.unlock();
    {
        const TaskSlot& slot = owner_.slot(id);
        const FloatingModeHeld mode(slot.floating_mode);
        run_in_caller(slot.call, owner_.message(id), *kept, blocks);
    }
    lock.lock();
    --run_by_callers_;
    owner_.release(id);
    wake(id);
    dispatch(std::move(lock));
    return true;
}

bool LaneHome::is_run_by_caller(const FutureState& state) const noexcept {
    const TaskSlotId id = id_of(state);
    const TaskState now = owner_.state(id);
    return now.lap == id.lap && now.kind == TaskKind::cancelled;
}

void LaneHome::watch(FutureState& state, const Lock& lock) {
    if (is_in_slot(state) && !is_closed_) {
        const TaskSlotId id = id_of(state);
        watched_.push_back(id);
        if (!owner_.mark(id, task_watched)) {
            harvest(id, lock);
        }
    }
}

void LaneHome::watch_all(const Lock& lock) {
    for_each_state([&](const std::shared_ptr<FutureState>& state) { watch(*state, lock); });
}

bool LaneHome::collect(const Lock& lock) {
    if (is_closed_) {
        return false;
    }
    std::erase_if(watched_, [&](const TaskSlotId& id) {
        const TaskState now = owner_.state(id);
        if (now.lap != id.lap || (now.kind != TaskKind::ready && now.kind != TaskKind::running &&
                                  now.kind != TaskKind::done)) {
            return true;
        }
        if (now.kind == TaskKind::done) {
            harvest(id, lock);
            return true;
        }
        return false;
    });
    return !watched_.empty();
}

void LaneHome::cancel_pending(const char* why, const Lock& lock) {
    static_cast<void>(lock);
    for (std::uint32_t slot = 0; slot < owner_.used_slots(); ++slot) {
        const TaskLane& lane = owner_.lane();
        const TaskSlotId id{lane_, slot, state_of(lane.slots[slot].word).lap};
        if (!owner_.cancel(id)) {
            continue;
        }
        if (states_[slot]) {
            end_cancelled(*states_[slot], why);
            let_go(std::move(states_[slot]));
        }
        owner_.release(id);
        owner_.bell(id).ring();
    }
    owner_.lane().news.ring();
}

void LaneHome::begin_close() noexcept {
    Lock lock(mutex_);
    is_closing_.store(true, std::memory_order_seq_cst);
    cancel_pending("the pool ended before the task started", lock);
    for (shm::Doorbell& bell : owner_.lane().bells) {
        bell.ring();
    }
    dispatch(std::move(lock));
    for (;;) {
        const std::uint32_t seen = left_.value();
        if (users_.load(std::memory_order_seq_cst) == 0) {
            return;
        }
        left_.wait(seen, wait_slice);
    }
}

void LaneHome::close() noexcept {
    Lock lock(mutex_);
    for (std::uint32_t slot = 0; slot < states_.size(); ++slot) {
        if (!states_[slot]) {
            continue;
        }
        const TaskSlotId id = id_of(*states_[slot]);
        if (owner_.state(id).kind == TaskKind::done) {
            harvest(id, lock);
        } else {
            end_cancelled(*states_[slot], "the pool ended while the task ran");
            let_go(std::move(states_[slot]));
        }
    }
    owner_.lane().news.ring();
    is_closed_ = true;
    dispatch(std::move(lock));
    end_callbacks();
}

}  // namespace pinfold::detail
