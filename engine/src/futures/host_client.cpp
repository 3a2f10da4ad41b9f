#include "futures/host_client.hpp"

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <string>
#include <utility>

#include "floating_mode.hpp"
#include "futures/ends.hpp"
#include "results/worker_blocks.hpp"
#include "tasks/task_owner.hpp"
#include "tasks/task_runner.hpp"
#include "wait_slice.hpp"

namespace pinfold::detail {

namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

// A submit that waits for room is woken when about so much of a full table is free: woken for each
// slot, host and worker would take turns for every task.
constexpr std::uint32_t parts_of_table = 4;
// It looks by itself for tasks that end out of order, for a stop, and for a pool that ends.
constexpr milliseconds look_for_room{10};

// Where workers spin and the host has no CPU of its own: what an empty task takes on another CPU.
// A host that sleeps at once pays a wake for it, some 4 µs more (task_bench, two workers).
constexpr std::chrono::microseconds short_look{3};

/// Where the host takes memory for the result of a task that it runs itself.
class HostBlocks final : public ResultBlocks {
  public:
    explicit HostBlocks(shm::Heap* heap) noexcept : heap_(heap) {}
    ~HostBlocks() { drop(); }

    [[nodiscard]] std::byte* take(std::size_t bytes) override {
        drop();
        block_ = heap_->allocate(host_party, bytes);
        return static_cast<std::byte*>(block_);
    }
    void give_over() noexcept override { block_ = nullptr; }
    void drop() noexcept override {
        heap_->deallocate(host_party, block_);
        block_ = nullptr;
    }

  private:
    shm::Heap* const heap_;
    void* block_ = nullptr;
};

}  // namespace

HostClient::HostClient(ClientPool pool, std::unique_ptr<TaskOwner> owner)
    : LaneHome(pool.crew, *owner, host_lane, pool.arena),
      own_(std::move(owner)),
      pool_(std::move(pool)),
      heap_(pool_.arena->heap()) {}

HostClient::~HostClient() = default;

std::shared_ptr<HostClient> make_host_client(ClientPool pool) {
    auto owner = std::make_unique<TaskOwner>(pool.tasks, host_lane, host_party);
    return std::make_shared<HostClient>(std::move(pool), std::move(owner));
}

int HostClient::process_of_workers() const noexcept {
    const Use use(*this);
    return use.is_in() ? pool_.workers.process_of_workers() : 0;
}

void HostClient::check_code(const void* function) const {
    // Of a pool that is gone nobody knows the code, and no task comes to it.
    const Use use(*this);
    if (use.is_in()) {
        pool_.check_code(function);
    }
}

void HostClient::require_open(const Lock& /*lock*/) const {
    if (broken_) {
        std::rethrow_exception(broken_);
    }
    // A task that its host runs may submit its own, as those on workers may.
    const bool is_in_task = running_here() == this;
    if ((is_shut_ && !is_in_task) || is_closing()) {
        throw std::logic_error("a task was submitted to a pool after its shutdown()");
    }
}

void HostClient::submit(const TaskSpec& spec, std::shared_ptr<FutureState> state) {
    static_cast<void>(submit_within(spec, std::move(state), nanoseconds(-1), {}));
}

bool HostClient::submit_within(const TaskSpec& spec, std::shared_ptr<FutureState> state,
                               nanoseconds longest, const std::stop_token& stop) {
    require_owner();
    check_options(*spec.options);
    Lock lock(mutex_);
    require_open(lock);  // first: of a pool that is gone the lane is too
    own_->prefetch_queue();
    pool_.check_code(spec.code);
    std::optional<TaskSlotId> room = find_room(lock);
    if (!room) {
        const Use use(*this);  // with the mutex held, the pool stays anyway
        room = wait_for_room(lock, Until(longest), stop);
    }
    if (room) {
        last_room_ = room->slot;
        put(*room, spec, std::move(state), TaskSlotId(), lock);
        own_->table().call_one();
    }
    dispatch(std::move(lock));
    return room.has_value();
}

std::optional<TaskSlotId> HostClient::wait_for_room(Lock& lock, const Until& until,
                                                    const std::stop_token& stop) {
    const Until since(nanoseconds(-1));
    for (;;) {
        if (stop.stop_requested() || until.is_over()) {
            return std::nullopt;
        }
        sleep_until_room(lock, until, last_room_);
        if (until.is_never() && !stop.stop_possible()) {
            lock.unlock();
            run_any_if_stranded(since);
            lock.lock();
        }
        require_open(lock);
        if (std::optional<TaskSlotId> room = find_room(lock)) {
            return room;
        }
    }
}

// The tasks behind `from` are the oldest, as a rule.
void HostClient::sleep_until_room(Lock& lock, const Until& until, std::uint32_t from) {
    const TaskLane& lane = own_->lane();
    const auto slots = static_cast<std::uint32_t>(lane.slots.size());
    const auto slot_at = [&](std::uint32_t part) {
        return (from + 1 + part * (slots / parts_of_table)) % slots;
    };
    const auto is_over_at = [&](std::uint32_t part) {
        const TaskKind kind = state_of(lane.slots[slot_at(part)].word).kind;
        return kind != TaskKind::ready && kind != TaskKind::running;
    };
    const std::uint32_t first = slots / parts_of_table == 0 ? 0 : 1;
    dispatch(std::move(lock));
    look_before_sleep([&] { return is_over_at(first); });
    const std::uint32_t seen = lane.news.value();
    lock = Lock(mutex_);
    bool is_any_over = false;
    for (std::uint32_t part = first; part < parts_of_table; ++part) {
        const TaskSlotId id{host_lane, slot_at(part), state_of(lane.slots[slot_at(part)].word).lap};
        is_any_over |= !own_->mark(id, task_watched);
    }
    if (is_any_over || is_closing()) {
        return;
    }
    lock.unlock();
    if (!is_broken_now()) {
        own_->lane().news.wait(seen, until.left(look_for_room));
    }
    lock.lock();
}

bool HostClient::wait(FutureState& state, nanoseconds longest) {
    if (look(state)) {
        return true;
    }
    const Until until(longest);
    if (is_in_slot(state)) {
        const Use use(*this);
        const Waited waited = use.is_in() ? wait_in_lane(state, until) : Waited::pool_closes;
        if (waited != Waited::pool_closes) {
            return waited == Waited::ended;
        }
    }
    return FutureHome::wait(state, until.left());
}

template <typename Done>
void HostClient::look_before_sleep(Done done) const noexcept {
    if (done()) {
        return;  // without a look at the clock
    }
    if (pool_.spinners == Spinners::everybody) {
        spin_until(done);
    } else if (pool_.spinners == Spinners::workers) {
        look_until(done, short_look, looks_a_clock, [] {});
    }
}

HostClient::Waited HostClient::wait_in_lane(FutureState& state, const Until& until) {
    if (!until.is_over()) {
        look_before_sleep([&] { return is_over(state); });
    }
    shm::Doorbell& bell = own_->bell(id_of(state));
    for (;;) {
        const std::uint32_t seen = bell.value();
        if (look_in_lane(state)) {
            return Waited::ended;
        }
        if (is_closing() && !is_on_worker()) {
            return Waited::pool_closes;
        }
        if (until.is_over()) {
            return Waited::time_is_over;
        }
        if (!mark(state, task_awaited) && !is_run_by_caller(state)) {
            continue;
        }
        if (is_broken_now()) {
            continue;
        }
        FutureState* const one = &state;
        if (pool_.crew == Crew::threads && run_on_worker({&one, 1})) {
            continue;
        }
        const bool may_be_stranded = pool_.crew == Crew::threads && is_ready(state);
        if (may_be_stranded) {
            pool_.workers.call_one();  // TBB may have dropped the first call
            if (until.is_never()) {
                run_if_stranded(state, until);
            }
        }
        bell.wait(seen, until.left(may_be_stranded ? look_for_standstill : wait_slice));
    }
}

std::size_t HostClient::wait_any(std::span<FutureState* const> states, nanoseconds longest) {
    const Until until(longest);
    std::size_t marked = 0;
    const AnyWaiter waiter(*this);
    std::size_t found = states.size();
    const bool are_all_here = std::ranges::all_of(
        states, [&](const FutureState* state) { return home_of(*state) == this; });
    for (;;) {
        const Use use(*this);
        shm::Doorbell& bell = use.is_in() ? own_->lane().news : FutureHome::news();
        const std::uint32_t seen = bell.value();
        const auto done =
            std::ranges::find_if(states, [](const FutureState* state) { return state->is_done(); });
        found = static_cast<std::size_t>(done - states.begin());
        if (done != states.end() || until.is_over()) {
            break;
        }
        bool is_any_over = false;
        for (; use.is_in() && marked < states.size(); ++marked) {
            FutureState& state = *states[marked];
            if (home_of(state) == this && is_in_slot(state)) {
                is_any_over |= !mark(state, task_watched);
            }
        }
        if (is_any_over || (use.is_in() && is_broken_now())) {
            continue;
        }
        if (use.is_in() && pool_.crew == Crew::threads && run_on_worker(states)) {
            continue;
        }
        if (use.is_in() && until.is_never()) {
            run_any_if_stranded(until);
        }
        const bool looks_often = !are_all_here || pool_.crew == Crew::threads || !use.is_in();
        bell.wait(seen, until.left(looks_often ? look_for_standstill : wait_slice));
    }
    return found;
}

// A worker's thread may have to run what it waits for, which wait_any() does.
bool HostClient::wait_for_end(Ends& ends, nanoseconds longest) {
    if (runner_here() != nullptr) {
        return false;
    }
    const Until until(longest);
    const AnyWaiter waiter(*this);
    bool is_sure = true;  // that each end since the last look has a bit
    for (;;) {
        const Use use(*this);
        shm::Doorbell& bell = use.is_in() ? own_->lane().news : FutureHome::news();
        const std::uint32_t seen = bell.value();
        if (use.is_in()) {
            harvest_ended(!is_sure);
        }
        if (ends.is_any() || until.is_over()) {
            return true;
        }
        if (use.is_in()) {
            ends.mark_new([this](FutureState& state) {
                if (is_in_slot(state) && !has_ended(state) && !mark(state, task_watched)) {
                    static_cast<void>(look_in_lane(state));
                }
            });
            if (ends.is_any() || is_broken_now()) {
                continue;
            }
            if (until.is_never()) {
                run_any_if_stranded(until);
            }
        }
        const bool looks_often = pool_.crew == Crew::threads || !use.is_in();
        is_sure = bell.wait(seen, until.left(looks_often ? look_for_standstill : wait_slice));
    }
}

// Only for those who wait for ever: the task may take any time.
void HostClient::run_if_stranded(FutureState& state, const Until& since) {
    if (!pool_.workers.leaves_it_to_host(since.gone())) {
        return;
    }
    pool_.workers.note_standstill();
    HostBlocks blocks(heap_);
    static_cast<void>(run_in_caller_if_ready(state, blocks));
}

void HostClient::run_any_if_stranded(const Until& since) {
    if (pool_.crew != Crew::threads) {
        return;
    }
    pool_.workers.call_one();
    if (!pool_.workers.leaves_it_to_host(since.gone())) {
        return;
    }
    std::shared_ptr<FutureState> found;
    {
        const Lock lock(mutex_);
        for_each_state([&](const std::shared_ptr<FutureState>& state) {
            if (!found && is_ready(*state)) {
                found = state;
            }
        });
    }
    if (found) {
        run_if_stranded(*found, since);
    }
}

void HostClient::free_block(std::byte* block) noexcept {
    heap_->deallocate(host_party, block);
}

ResultSlot HostClient::take_result(const TaskSlotId& id) {
    return own_->take_result(id);
}

void HostClient::shutdown(Shutdown how) {
    require_owner();
    if (how == Shutdown::kill && pool_.crew != Crew::processes) {
        throw std::invalid_argument(
            "Shutdown::kill needs Crew::processes, but the pool's crew is threads");
    }
    const Use use(*this);
    Lock lock(mutex_);
    is_shut_ = true;
    if (how != Shutdown::wait && use.is_in()) {
        cancel_pending("the pool was shut down before the task started", lock);
    }
    dispatch(std::move(lock));
    const Until since(nanoseconds(-1));
    while (use.is_in() && !is_closing()) {
        const std::uint32_t seen = own_->lane().news.value();
        lock = Lock(mutex_);
        bool kills = false;
        for (std::uint32_t slot = 0; how == Shutdown::kill && slot < own_->used_slots(); ++slot) {
            kills |= kill({host_lane, slot, state_of(own_->lane().slots[slot].word).lap}, lock);
        }
        const bool busy = is_busy(lock);
        const std::exception_ptr broken = broken_;
        dispatch(std::move(lock));
        if (broken) {
            std::rethrow_exception(broken);
        }
        if (!busy) {
            return;
        }
        if (kills) {
            kill_marked();
        }
        if (!is_broken_now()) {
            run_any_if_stranded(since);
            own_->lane().news.wait(
                seen, pool_.crew == Crew::threads ? look_for_standstill : milliseconds(wait_slice));
        }
    }
}

// Marks what is, so that its end rings.
bool HostClient::is_busy(const Lock& lock) {
    bool busy = run_by_callers(lock) != 0;
    for (std::uint32_t slot = 0; slot < own_->used_slots(); ++slot) {
        const TaskState now = state_of(own_->lane().slots[slot].word);
        if (now.kind == TaskKind::ready || now.kind == TaskKind::running) {
            busy |= own_->mark({host_lane, slot, now.lap}, task_watched);
        }
    }
    return busy;
}

bool HostClient::is_broken_now() noexcept {
    try {
        pool_.workers.check();
        return false;
    } catch (...) {
        break_all(std::current_exception());
        return true;
    }
}

// Its workers are gone, so what they have not done is never done.
void HostClient::break_all(const std::exception_ptr& broken) noexcept {
    Lock lock(mutex_);
    broken_ = broken;
    for_each_state([&](std::shared_ptr<FutureState>& state) {
        const TaskSlotId id = id_of(*state);
        if (own_->state(id).kind == TaskKind::done) {
            harvest(id, lock);
        } else {
            end_thrown(*state, broken);
            let_go(std::move(state));
        }
    });
    for (shm::Doorbell& bell : own_->lane().bells) {
        bell.ring();
    }
    own_->lane().news.ring();
    dispatch(std::move(lock));
}

void HostClient::look_at_pool() noexcept {
    const Use use(*this);
    if (use.is_in()) {
        static_cast<void>(is_broken_now());
    }
}

}  // namespace pinfold::detail
