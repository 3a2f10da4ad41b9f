#include "tasks/task_runner.hpp"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <chrono>
#include <cstdlib>
#include <pinfold/engine/detail/chunk_row.hpp>
#include <pinfold/engine/detail/tasks/task_spec.hpp>
#include <pinfold/shm/process_mark.hpp>
#include <stdexcept>
#include <string>
#include <thread>

#include "board/chunk_state.hpp"
#include "caught.hpp"
#include "process/fork.hpp"
#include "reached.hpp"
#include "results/in_map.hpp"
#include "results/worker_blocks.hpp"
#include "tasks/task_blocks.hpp"
#include "tasks/task_freeing.hpp"

namespace pinfold::detail {

namespace {

// How many tasks before it is its turn a worker asks for a task's lines.
constexpr std::uint64_t looks_ahead = 2;

// How many times workers' lanes are looked at before it is the host's turn to be first.
constexpr std::uint32_t looks_a_host_turn = 16;

// The lines of a task that was submitted on another CPU, all at once.
void prefetch(const TaskSlot& slot) noexcept {
    prefetch_to_write(&slot.word);
    __builtin_prefetch(&slot.floating_mode);
    prefetch_to_write(&slot.result);
}

}  // namespace

TaskRunner::TaskRunner(TaskTable& table, WorkerNumber worker)
    : table_(table),
      line_(table.lines[worker]),
      worker_(worker),
      owner_(table, detail::lane_of(worker), party_of(worker)) {}

TaskSlotId TaskRunner::running() const noexcept {
    const std::uint32_t depth = this->depth();
    return depth != 0 ? line_.at(depth - 1) : TaskSlotId();
}

std::uint32_t TaskRunner::depth() const noexcept {
    return line_.depth.load(std::memory_order_relaxed);
}

bool TaskRunner::is_spent() const noexcept {
    return line_.memory_lack.load(std::memory_order_relaxed) != MemoryLack::none;
}

// Tasks that submit tasks come first, so that what is begun is finished, and each lane stays short.
// Were they always first, tasks that submit tasks without end would keep the host's from running.
bool TaskRunner::run_next() {
    if (++looks_ % looks_a_host_turn == 0 && run_any_of(host_lane)) {
        return true;
    }
    return run_worker_lanes() || run_any_of(host_lane);
}

/// Each lane that may be open, from the one after the last that had a turn.
bool TaskRunner::run_worker_lanes() {
    const auto lanes = static_cast<std::uint32_t>(table_.lines.size());
    for (std::uint32_t word = 0; word < table_.open_bits.size(); ++word) {
        std::uint64_t bits = table_.open_bits[word].load(std::memory_order_acquire);
        while (bits != 0) {
            const std::uint32_t first = next_lane_ < lanes ? next_lane_ % 64 : 0;
            const int further = std::countr_zero(std::rotr(bits, static_cast<int>(first)));
            const std::uint32_t bit = (first + static_cast<std::uint32_t>(further)) % 64;
            bits &= ~(std::uint64_t{1} << bit);
            next_lane_ = bit + 1;
            const std::uint32_t lane = word * 64 + bit + 1;
            if (run_any_of(lane)) {
                return true;
            }
            close(lane);
        }
    }
    return false;
}

// Says that nothing is in the lane, unless something is; see note_open(). Meanwhile another worker
// may have found all lanes closed, and sleep: so one is called.
void TaskRunner::close(std::uint32_t lane) {
    const std::uint64_t bit = std::uint64_t{1} << (lane - 1) % 64;
    table_.open_bits[(lane - 1) / 64].fetch_and(~bit, std::memory_order_seq_cst);
    if (table_.lanes[lane].is_open()) {
        note_open(table_, lane);
        table_.call_one();
    }
}

// The owner's line is looked at when all that was known of is taken: each look takes it from the
// owner, who writes it for each task.
//
// An entry is named before it is taken out: nobody else would find its task. What a burial makes of
// a name whose task was not claimed: takers look at the lane's slots once more.
bool TaskRunner::run_any_of(std::uint32_t number) {
    TaskLane& lane = table_.lanes[number];
    if (!lane.is_scanned() && run_scanned(number)) {
        return true;
    }
    const std::uint64_t mask = lane.queue.size() - 1;
    std::uint64_t cursor = lane.cursor.load(std::memory_order_acquire);
    std::uint64_t of_other = 0;
    std::uint64_t& tail = number == host_lane ? host_tail_ : of_other;
    for (;;) {
        if (cursor >= tail) {
            tail = lane.tail.load(std::memory_order_acquire);
            if (cursor == tail) {
                return false;
            }
        }
        const std::uint64_t entry = lane.queue[cursor & mask].load(std::memory_order_relaxed);
        const TaskSlotId id{number, slot_of_entry(entry), lap_of_entry(entry)};
        prefetch(lane.slots[id.slot]);
        push(id);
        if (!lane.cursor.compare_exchange_strong(cursor, cursor + 1, std::memory_order_acq_rel,
                                                 std::memory_order_acquire)) {
            pop();
            continue;
        }
        reached(Step::task_taken_out);
        if (++cursor != tail) {
            const std::uint64_t ahead = std::min(cursor + looks_ahead, tail) - 1;
            prefetch(lane.slots[slot_of_entry(
                lane.queue[ahead & mask].load(std::memory_order_relaxed))]);
        }
        if (claim_pushed(id, state_of(lane.slots[id.slot].word))) {
            run_claimed(id, false);
            return true;
        }
        pop();
    }
}

/// Goes on where takers look at each slot, for one that is ready.
bool TaskRunner::run_scanned(std::uint32_t number) {
    TaskLane& lane = table_.lanes[number];
    for (;;) {
        const std::uint64_t rescan = lane.rescan.load(std::memory_order_seq_cst);
        std::uint64_t scan = lane.scan.load(std::memory_order_seq_cst);
        const bool is_new = scan >> 32 != rescan;
        const auto slot = static_cast<std::uint32_t>(is_new ? 0 : scan);
        if (slot == lane.slots.size()) {
            return false;
        }
        const TaskState seen = state_of(lane.slots[slot].word);
        const TaskSlotId id{number, slot, seen.lap};
        push(id);
        if (lane.scan.compare_exchange_strong(scan, rescan << 32 | (slot + 1),
                                              std::memory_order_seq_cst)) {
            reached(Step::task_taken_out);
            if (claim_pushed(id, state_of(lane.slots[slot].word))) {
                run_claimed(id, false);
                return true;
            }
        }
        pop();
    }
}

bool TaskRunner::run_here(const TaskSlotId& id, const TaskState& seen) {
    if (depth() == most_inline) {
        throw std::runtime_error("tasks that wait for tasks lie " + std::to_string(most_inline) +
                                 " deep in each other on one worker: let the deeper ones compute "
                                 "what they need by a plain call");
    }
    push(id);
    if (!claim_pushed(id, seen)) {
        pop();
        return false;
    }
    run_claimed(id, true);
    return true;
}

bool TaskRunner::run_own_child() {
    const TaskSlotId parent = running();
    const std::uint32_t lane = detail::lane_of(worker_);
    const std::span<TaskSlot> slots = owner_.lane().slots;
    for (std::uint32_t slot = 0; slot < slots.size(); ++slot) {
        const TaskState seen = state_of(slots[slot].word);
        if (seen.kind == TaskKind::ready && slots[slot].parent == parent &&
            run_here({lane, slot, seen.lap}, seen)) {
            return true;
        }
    }
    return false;
}

void TaskRunner::push(const TaskSlotId& id) noexcept {
    const std::uint32_t level = depth();
    line_.places[level].store(pack_place(id), std::memory_order_relaxed);
    line_.laps[level].store(id.lap, std::memory_order_relaxed);
    // Release, as all stores of a line: what a death leaves is what the order of the source says.
    line_.depth.store(level + 1, std::memory_order_release);
    reached(Step::task_named);
}

void TaskRunner::pop() noexcept {
    const std::uint32_t level = depth() - 1;
    if (line_.timed_depth.load(std::memory_order_relaxed) == level + 1) {
        line_.timed[level].store(0, std::memory_order_release);
        line_.timed_depth.store(level, std::memory_order_release);
    }
    line_.begun.store(level, std::memory_order_release);
    line_.depth.store(level, std::memory_order_release);
}

bool TaskRunner::claim_pushed(const TaskSlotId& id, TaskState seen) noexcept {
    TaskWord& word = table_.slot_of(id).word;
    // Flags may be added meanwhile.
    while (seen.lap == id.lap && seen.kind == TaskKind::ready) {
        TaskState next = seen;
        next.kind = TaskKind::running;
        next.worker = worker_;
        ++next.attempts;
        if (move_task(word, seen, next)) {
            reached(Step::task_claimed);
            return true;
        }
    }
    return false;
}

void TaskRunner::run_claimed(const TaskSlotId& id, bool is_inline) {
    TaskSlot& slot = table_.slot_of(id);
    const std::uint64_t starts = line_.starts.load(std::memory_order_relaxed);
    starts_before_ = std::min(starts_before_, starts);
    line_.starts.store(starts + 1, std::memory_order_release);
    if (slot.deadline_ns != 0) {
        begin_timed(slot.deadline_ns);
    }
    heed_condemnation();
    line_.begun.store(depth(), std::memory_order_release);
    reached(Step::task_begun);
    TaskBlocks blocks(*table_.heap, party_of(worker_));
    if (!call(id, slot, blocks)) {
        if (is_inline) {
            leave_child(EXIT_SUCCESS);  // what it lies on cannot be left in any other way
        }
        return;  // all else is its burial's
    }
    commit(id, slot, blocks);
    heed_condemnation();
    pop();
}

// Returns false when there is nothing to commit, and the worker is to end.
bool TaskRunner::call(const TaskSlotId& id, TaskSlot& slot, TaskBlocks& blocks) {
    const shm::ProcessMark process = shm::mark_of_this_process();
    TaskOutcome outcome = TaskOutcome::value;
    try {
        const InMap inside({&table_.workers[worker_], worker_, this});
        const FloatingModeHeld as_the_submitter(slot.floating_mode);
        slot.call({slot.message(), slot.message_bytes, &slot.result, &blocks});
        end_unless_own(process);
    } catch (...) {
        end_unless_own(process);
        const Caught caught;
        blocks.drop();
        forget_result(slot);
        if (caught.is_bad_alloc() && !caught.is_heap_full() && table_.workers_may_die &&
            !ends_for_lack_of_memory(id, slot)) {
            return false;
        }
        outcome = caught.is_heap_full() ? TaskOutcome::heap_full : TaskOutcome::thrown;
        table_.failure_of(id).record(id.lap, caught.type(), caught.text());
        reached(Step::task_threw);
    }
    slot.outcome.store(outcome, std::memory_order_relaxed);
    reached(Step::task_called);
    return true;
}

// A lack of memory under a worker's limit may pass, for a worker that has not filled its memory
// yet: so this one is to end. Returns whether the task failed for it.
bool TaskRunner::ends_for_lack_of_memory(const TaskSlotId& id, const TaskSlot& slot) noexcept {
    const bool is_first = line_.starts.load(std::memory_order_relaxed) - starts_before_ == 1;
    const auto lack = is_first ? MemoryLack::from_the_start : MemoryLack::after_others;
    line_.memory_lack.store(lack, std::memory_order_release);
    return is_first && state_of(table_.slot_of(id).word).attempts == slot.max_attempts;
}

void TaskRunner::commit(const TaskSlotId& id, TaskSlot& slot, TaskBlocks& blocks) noexcept {
    TaskState seen = state_of(slot.word);
    TaskState next;
    do {
        next = seen;
        next.kind = (seen.flags & nobody_wants) != 0 ? TaskKind::discarded : TaskKind::done;
    } while (!move_task(slot.word, seen, next));
    reached(Step::task_committed);
    if (next.kind == TaskKind::discarded) {
        if (has_result_block(slot)) {
            forget_result(slot);  // it is in a hand still
        }
        blocks.drop();
        free_slot({table_.heap, party_of(worker_), &line_}, id, slot);
    } else {
        blocks.give_over();
        reached(Step::task_given_over);
    }
    TaskLane& lane = table_.lane_of(id);
    if ((next.flags & task_awaited) != 0) {
        lane.bell_of(id.slot).ring();
    }
    if ((next.flags & task_watched) != 0) {
        lane.note_ended(id.slot);
        lane.news.ring();
    }
    reached(Step::task_rang);
}

// What the worker is at stands in its line before it looks whether the supervisor ticks, and the
// supervisor says whether it ticks before it looks at the lines (all seq_cst): it sees the
// deadline, or is told.
void TaskRunner::begin_timed(std::int64_t deadline_ns) noexcept {
    const std::uint32_t level = depth() - 1;
    line_.deadlines_ns[level].store(deadline_ns, std::memory_order_release);
    line_.timed[level].store(line_.starts.load(std::memory_order_relaxed),
                             std::memory_order_release);
    line_.timed_depth.store(level + 1, std::memory_order_seq_cst);
    const std::int64_t watched = table_.watched_ns.load(std::memory_order_seq_cst);
    if (table_.workers_may_die && (watched == 0 || watched > deadline_ns)) {
        ::kill(getppid(), SIGCHLD);
    }
}

// A claim and a commit are exchanges, and so fences, between what is named and this look.
void TaskRunner::heed_condemnation() const noexcept {
    if constexpr (!a_claim_is_a_fence) {
        std::atomic_thread_fence(std::memory_order_seq_cst);
    }
    while (line_.condemned.load(std::memory_order_seq_cst) != 0)
        [[unlikely]] {
            std::this_thread::sleep_for(std::chrono::microseconds(50));
        }
}

TaskRunner* runner_here() noexcept {
    return worker_in_map().tasks;
}

}  // namespace pinfold::detail
