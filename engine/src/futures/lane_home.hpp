#pragma once

// Futures whose tasks lie in a lane.
//
// A slot that was submitted has its state in states_, until the state ends or nobody wants it any
// more. The state ends when somebody looks and finds the slot done: who waits, the callback thread,
// or a submit that needs the slot. It takes the result along, so any number of futures may be
// unread. A slot without a state is freed by the worker that ends it, or here if that was quicker.
//
// The lane's memory and the crew are there as long as the pool. begin_close() lets nobody in any
// more who is outside of the mutex, and waits until all of those have left; close() ends what has
// not ended, and after it nobody looks at the lane.

#include <chrono>
#include <memory>
#include <optional>
#include <pinfold/shm/arena.hpp>
#include <utility>
#include <vector>

#include "futures/future_home.hpp"
#include "tasks/task_slot_id.hpp"
#include "tasks/task_word.hpp"

namespace pinfold::detail {

class TaskOwner;
struct TaskTable;

/// When a wait is over.
class Until {
  public:
    explicit Until(std::chrono::nanoseconds longest) noexcept;

    /// What is left, at most so much; 0 when it is over.
    [[nodiscard]] std::chrono::nanoseconds left(std::chrono::nanoseconds most) const noexcept;
    /// What is left as a wait takes it: negative for ever.
    [[nodiscard]] std::chrono::nanoseconds left() const noexcept;
    [[nodiscard]] bool is_over() const noexcept { return left().count() == 0; }
    [[nodiscard]] bool is_never() const noexcept { return longest_.count() < 0; }
    /// Since its making, or since this was first asked of one that does not end.
    [[nodiscard]] std::chrono::nanoseconds gone() const noexcept;

  private:
    const std::chrono::nanoseconds longest_;
    mutable std::int64_t began_ns_;  // where nothing ends it, of the first question
};

class LaneHome : public FutureHome {
  public:
    [[nodiscard]] bool look(FutureState& state) override;
    [[nodiscard]] bool is_running(const FutureState& state) override;
    [[nodiscard]] int attempts(const FutureState& state) override;
    [[nodiscard]] bool cancel(FutureState& state) override;
    void drop(FutureState& state) noexcept override;
    [[nodiscard]] const shm::Arena& arena() const override { return *arena_; }

    /// Cancels what has not started. From now on nobody submits from outside, and nobody uses the
    /// crew.
    void begin_close() noexcept;

    /// When no worker is left: ends all states, and calls the hooks that are due.
    void close() noexcept;

  protected:
    LaneHome(Crew crew, TaskOwner& owner, std::uint32_t lane, std::shared_ptr<shm::Arena> arena);

    /// Somebody outside of the mutex who looks at the lane.
    class Use {
      public:
        explicit Use(const LaneHome& home) noexcept;
        ~Use();
        Use(const Use&) = delete;
        Use& operator=(const Use&) = delete;
        [[nodiscard]] bool is_in() const noexcept { return is_in_; }

      private:
        void leave() const noexcept;

        const LaneHome& home_;
        bool is_in_;
        bool is_counted_ = true;
    };

    [[nodiscard]] static bool is_in_slot(const FutureState& state) noexcept {
        return place_of(state).is_there;
    }
    [[nodiscard]] TaskSlotId id_of(const FutureState& state) const noexcept {
        const Place& place = place_of(state);
        return {place.lane, place.slot, place.lap};
    }

    /// Whether this is a thread that works for the pool: a task, which the end of the pool waits
    /// for. So it is let in while the pool closes.
    [[nodiscard]] bool is_on_worker() const noexcept;

    /// Whether nobody works on the task of the state any more, or ever will. Needs no mutex.
    [[nodiscard]] bool is_over(const FutureState& state) const noexcept;
    [[nodiscard]] bool is_ready(const FutureState& state) const noexcept;

    /// The same as look(), for somebody who is in.
    [[nodiscard]] bool look_in_lane(FutureState& state);
    /// The same for anybody, with the lock held, which it lets go of.
    [[nodiscard]] bool look_under(Lock lock, FutureState& state);

    // With the lock held.
    [[nodiscard]] std::optional<TaskSlotId> find_room(const Lock& lock);
    void put(const TaskSlotId& room, const TaskSpec& spec, std::shared_ptr<FutureState> state,
             const TaskSlotId& parent, const Lock& lock);
    void make_room_for(const TaskSlotId& room);
    void harvest(const TaskSlotId& id, const Lock& lock);
    /// Those of watched tasks that have ended since the last call; `of_all`: of any tasks.
    void harvest_ended(bool of_all);
    /// The home's share of the state of a slot, which has none then.
    [[nodiscard]] std::shared_ptr<FutureState> take_state(const TaskSlotId& id) noexcept {
        return std::exchange(states_[id.slot], nullptr);
    }
    void cancel_pending(const char* why, const Lock& lock);
    [[nodiscard]] bool cancel_in_lane(FutureState& state, const Lock& lock);
    /// Marks a task that runs, so that whoever looks after the workers kills the one that is on it,
    /// and ends its state. Then kill_marked() is to be called, without the lock.
    [[nodiscard]] bool kill(const TaskSlotId& id, const Lock& lock);
    /// Has the workers killed that are on tasks which are marked so.
    virtual void kill_marked() noexcept = 0;
    /// Whether whoever asks may have the worker killed that is on a running task.
    [[nodiscard]] virtual bool may_kill(const TaskState& running) const noexcept = 0;
    template <typename Function>
    void for_each_state(Function function);

    /// On the thread of a worker of this pool: runs one of the tasks that the thread waits for, if
    /// nobody has begun it, whoever has submitted it; else one that the worker's own task has
    /// submitted, and no other. Returns whether it ran one.
    [[nodiscard]] bool run_on_worker(std::span<FutureState* const> states);
    /// The same for one task of this lane on any other thread: it runs there as if it were called.
    [[nodiscard]] bool run_in_caller_if_ready(FutureState& state, ResultBlocks& blocks);
    /// Whether some thread runs it so.
    [[nodiscard]] bool is_run_by_caller(const FutureState& state) const noexcept;
    [[nodiscard]] int run_by_callers(const Lock& /*lock*/) const noexcept {
        return run_by_callers_;
    }

    /// What of a result is in the slot goes with the state.
    [[nodiscard]] virtual ResultSlot take_result(const TaskSlotId& id) = 0;
    /// Something of what is pending is not any more, by this process's doing.
    void wake(const TaskSlotId& id) noexcept;
    /// Marks for everybody who waits on the news, of states that are pending.
    [[nodiscard]] bool mark(const FutureState& state, TaskFlag flag);

    [[nodiscard]] shm::Doorbell& news() noexcept override;
    bool collect(const Lock& lock) override;
    void watch(FutureState& state, const Lock& lock) override;
    void watch_all(const Lock& lock) override;

    [[nodiscard]] bool is_closing() const noexcept {
        return is_closing_.load(std::memory_order_seq_cst);
    }
    [[nodiscard]] TaskOwner& owner() const noexcept { return owner_; }

  private:
    [[nodiscard]] TaskFailed::Details failure_of(const FutureState& state,
                                                 const TaskSlotId& id) const;
    void end_by_slot(FutureState& state, const TaskSlotId& id);

    TaskOwner& owner_;
    const TaskTable* const table_;
    const std::uint32_t lane_;
    const std::shared_ptr<shm::Arena> arena_;
    std::vector<std::shared_ptr<FutureState>> states_;  // by slot, of those that were used
    std::vector<TaskSlotId> watched_;
    int run_by_callers_ = 0;  // tasks, at this moment
    std::atomic<bool> is_closing_{false};
    std::atomic<bool> is_closed_{false};
    mutable std::atomic<std::uint32_t> users_{0};
    mutable shm::Doorbell left_;  // rung by the last of them while the pool closes
};

template <typename Function>
void LaneHome::for_each_state(Function function) {
    for (std::uint32_t slot = 0; slot < states_.size(); ++slot) {
        if (states_[slot]) {
            function(states_[slot]);
        }
    }
}

}  // namespace pinfold::detail
