// What a dead worker leaves, and what becomes of it.
//
//   the stack      each task that it had claimed has lost an attempt: ready again, or over
//   its children   whoever waited for them is gone: pending ones do not run, running ones are freed
//                  by those who run them, and what is done is freed here
//   a submit       the message's block is the task's once the word says so; before, the heap's
//                  burial frees it
//   a free         what the slot names still goes into the hands of the dead, for that burial
//
// A task without a parent, in the lane of a worker, was submitted by a chunk. One that is unwanted
// was dropped by whoever submitted it, and runs on; of one that is not, the future was alive in the
// dead worker, and so nobody has it any more.

#include "tasks/task_burial.hpp"

#include "results/worker_blocks.hpp"
#include "tasks/task_freeing.hpp"

namespace pinfold::detail {

namespace {

/// All slots, or none where nothing was ever submitted: they are not in memory, and stay so. An
/// owner counts a task before the task's word says anything.
std::size_t slots_to_look_at(const TaskLane& lane) noexcept {
    return lane.submitted.load(std::memory_order_acquire) != 0 ? lane.slots.size() : 0;
}

class Burial {
  public:
    Burial(TaskTable& table, WorkerNumber worker, const WorkerDeath& death) noexcept
        : table_(table),
          line_(table.lines[worker]),
          lane_(table.lanes[lane_of(worker)]),
          end_{worker, death},
          party_(party_of(worker)),
          depth_(line_.depth.load(std::memory_order_acquire)),
          begun_(line_.begun.load(std::memory_order_relaxed)),
          lack_(line_.memory_lack.load(std::memory_order_relaxed)) {}

    void bury() noexcept {
        for (std::uint32_t level = 0; level < depth_; ++level) {
            const TaskSlotId id = line_.at(level);
            const TaskState state = state_of(table_.slot_of(id).word);
            if (state.lap == id.lap && is_of_dead(state, TaskKind::running)) {
                died_ |= std::uint64_t{1} << level;
            }
        }
        for (std::uint32_t level = depth_; level-- > 0;) {
            bury_entry(level);
        }
        bury_freeing();
        bury_submit();
        for (std::uint32_t slot = 0; slot < slots_to_look_at(lane_); ++slot) {
            bury_own({lane_of(end_.worker), slot, 0});
        }
        // It may have closed a lane that was not empty, and not opened it again.
        for (std::uint32_t lane = 0; lane < table_.lanes.size(); ++lane) {
            note_open(table_, lane);
        }
    }

  private:
    [[nodiscard]] bool is_of_dead(const TaskState& state, TaskKind kind) const noexcept {
        return state.kind == kind && state.worker == end_.worker;
    }

    void bury_entry(std::uint32_t level) noexcept {
        const TaskSlotId id = line_.at(level);
        TaskSlot& slot = table_.slot_of(id);
        const TaskState state = state_of(slot.word);
        if ((died_ >> level & 1) != 0) {
            end_attempt(id, slot, state, level < begun_);
        } else if (state.lap == id.lap && is_of_dead(state, TaskKind::discarded)) {
            hold_blocks(table_.heap, party_, slot);
        } else {
            // It was committed, and the result is its owner's, who may have freed it by now; or
            // the dead had not claimed it, and may have taken its entry out of the queue.
            table_.heap->give_over(party_);
            raise_rescan(table_, id.lane);
        }
        // It may have died between a commit and the ring that it owed, or inside of that.
        TaskLane& lane = table_.lane_of(id);
        lane.bell_of(id.slot).ring_after_death();
        lane.note_ended(id.slot);
        lane.news.ring_after_death();
    }

    void end_attempt(const TaskSlotId& id, TaskSlot& slot, TaskState seen,
                     bool was_begun) noexcept {
        const bool counts = was_begun && lack_ != MemoryLack::after_others;
        if (was_begun && lack_ == MemoryLack::none) {
            table_.failure_of(id).add_death(id.lap, end_);
        }
        forget_result(slot);  // its block is in a hand, if there is one
        const bool is_orphan = id.lane == lane_of(end_.worker) && is_orphaned(slot, seen);
        TaskState next;
        do {
            next = seen;
            next.attempts -= counts ? 0 : 1;
            if ((seen.flags & never_again) != 0 || is_orphan) {
                next.kind = TaskKind::discarded;
            } else if (next.attempts < slot.max_attempts) {
                next.kind = TaskKind::ready;
            } else if ((seen.flags & task_unwanted) != 0) {
                next.kind = TaskKind::discarded;
            } else {
                slot.outcome.store(TaskOutcome::lost, std::memory_order_relaxed);
                next.kind = TaskKind::done;
            }
        } while (!move_task(slot.word, seen, next));
        if (next.kind == TaskKind::ready) {
            raise_rescan(table_, id.lane);
        }
    }

    /// Whether nobody is left who waits for a task of the dead worker's own lane.
    [[nodiscard]] bool is_orphaned(const TaskSlot& slot, const TaskState& state) const noexcept {
        if ((state.flags & task_unwanted) == 0) {
            return true;
        }
        for (std::uint32_t level = 0; level < depth_; ++level) {
            if ((died_ >> level & 1) != 0 && line_.at(level) == slot.parent) {
                return true;
            }
        }
        return false;
    }

    void bury_freeing() noexcept {
        const std::uint64_t freeing = line_.freeing.load(std::memory_order_relaxed);
        if (freeing == 0) {
            return;
        }
        TaskSlotId id{static_cast<std::uint32_t>((freeing - 1) >> 32),
                      static_cast<std::uint32_t>(freeing - 1), 0};
        TaskSlot& slot = table_.slot_of(id);
        const TaskState state = state_of(slot.word);
        const bool is_own = id.lane == lane_of(end_.worker) &&
                            (state.kind == TaskKind::done || state.kind == TaskKind::cancelled);
        if (is_own || is_of_dead(state, TaskKind::discarded)) {
            hold_blocks(table_.heap, party_, slot);
        }
    }

    void bury_submit() noexcept {
        const std::uint32_t submitting = line_.submitting.load(std::memory_order_relaxed);
        if (submitting == 0) {
            return;
        }
        TaskSlot& slot = lane_.slots[submitting - 1];
        std::byte* const block = slot.block.load(std::memory_order_relaxed);
        if (state_of(slot.word).kind != TaskKind::free && block != nullptr &&
            table_.heap->holds(party_, block)) {
            table_.heap->give_over(party_, block);
        }
    }

    /// Of each slot of the dead worker's own lane.
    void bury_own(const TaskSlotId& id) noexcept {
        TaskSlot& slot = lane_.slots[id.slot];
        TaskState seen = state_of(slot.word);
        TaskState next;
        do {
            next = seen;
            switch (seen.kind) {
                case TaskKind::free:
                case TaskKind::discarded:
                    return;
                case TaskKind::ready:
                    if (!is_orphaned(slot, seen)) {
                        raise_rescan(table_, id.lane);  // it may have no entry yet
                        return;
                    }
                    discard(next);
                    break;
                case TaskKind::running:
                    if (!is_orphaned(slot, seen)) {
                        return;
                    }
                    next.flags |= task_orphan;
                    break;
                case TaskKind::done:
                case TaskKind::cancelled:
                    discard(next);
                    break;
            }
        } while (!move_task(slot.word, seen, next));
    }

    /// For clear_up_tasks(), which finds it by the dead worker's number.
    void discard(TaskState& state) const noexcept {
        state.kind = TaskKind::discarded;
        state.worker = end_.worker;
    }

    TaskTable& table_;
    TaskLine& line_;
    TaskLane& lane_;
    const WorkerEnd end_;
    const shm::PartyNumber party_;
    const std::uint32_t depth_;
    const std::uint32_t begun_;
    const MemoryLack lack_;
    std::uint64_t died_ = 0;  // the levels of the stack whose attempts did
};
static_assert(most_inline <= 64);

void free_if_discarded(TaskTable& table, WorkerNumber worker, TaskSlotId id) noexcept {
    TaskSlot& slot = table.slot_of(id);
    const TaskState state = state_of(slot.word);
    if (state.kind == TaskKind::discarded && state.worker == worker) {
        id.lap = state.lap;
        free_slot({table.heap, party_of(worker), nullptr}, id, slot);
    }
}

}  // namespace

void bury_tasks(TaskTable& table, WorkerNumber worker, const WorkerDeath& death) noexcept {
    Burial(table, worker, death).bury();
}

void clear_up_tasks(TaskTable& table, WorkerNumber worker) noexcept {
    TaskLine& line = table.lines[worker];
    for (std::uint32_t level = line.depth.load(std::memory_order_relaxed); level-- > 0;) {
        free_if_discarded(table, worker, line.at(level));
    }
    const std::uint32_t lane = lane_of(worker);
    for (std::uint32_t slot = 0; slot < slots_to_look_at(table.lanes[lane]); ++slot) {
        free_if_discarded(table, worker, {lane, slot, 0});
    }
    line.depth.store(0, std::memory_order_relaxed);
    line.begun.store(0, std::memory_order_relaxed);
    for (std::uint32_t level = 0; level < line.levels_timed(); ++level) {
        line.timed[level].store(0, std::memory_order_relaxed);
    }
    line.timed_depth.store(0, std::memory_order_relaxed);
    line.freeing.store(0, std::memory_order_relaxed);
    line.submitting.store(0, std::memory_order_relaxed);
    line.memory_lack.store(MemoryLack::none, std::memory_order_relaxed);
    line.condemned.store(0, std::memory_order_release);
}

}  // namespace pinfold::detail
