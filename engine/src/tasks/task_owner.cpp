#include "tasks/task_owner.hpp"

#include <algorithm>
#include <cstring>
#include <pinfold/engine/detail/tasks/task_spec.hpp>

#include "reached.hpp"
#include "results/worker_blocks.hpp"
#include "tasks/task_freeing.hpp"

namespace pinfold::detail {

namespace {

// Tasks: what a line takes from one CPU to another is what an owner needs for about one.
constexpr std::size_t owner_looks_ahead = 3;

/// What a slot says of its task, but for the message.
void fill(TaskSlot& slot, const TaskSpec& spec) noexcept {
    const TaskOptions& options = *spec.options;
    slot.call = spec.call;
    slot.message_bytes = spec.message.size();
    slot.deadline_ns = options.deadline.count();
    slot.max_attempts = static_cast<std::uint8_t>(
        options.must_not_run_twice ? 1 : std::clamp(options.max_attempts, 1, most_attempts));
    slot.floating_mode.follow_this_thread();
    slot.has_name = !options.name.empty();
    if (slot.has_name) {
        const std::size_t length = std::min(options.name.size(), TaskSlot::name_room - 1);
        std::memcpy(slot.name_bytes.data(), options.name.data(), length);
        slot.name_bytes[length] = '\0';
    }
}

}  // namespace

TaskOwner::TaskOwner(TaskTable& table, std::uint32_t lane, shm::PartyNumber party)
    : table_(table),
      lane_(table.lanes[lane]),
      line_(lane == host_lane ? nullptr : &table.lines[lane - 1]),
      number_(lane),
      party_(party) {
    if (line_ != nullptr) {
        free_.reserve(lane_.slots.size());  // a worker submits without its memory
    }
}

std::optional<TaskSlotId> TaskOwner::known_room() noexcept {
    if (free_.empty()) {
        return std::nullopt;
    }
    const std::uint32_t slot = free_.back();
    free_.pop_back();
    const TaskState state = state_of(lane_.slots[slot].word);
    return TaskSlotId{number_, slot, state.lap + 1};
}

TaskSlotId TaskOwner::next_slot() {
    const std::uint32_t slot = next_;
    if (slot >= free_.capacity()) {
        free_.reserve(std::min(2 * std::size_t{slot} + 64, lane_.slots.size()));
    }
    next_ = next_ + 1 == lane_.slots.size() ? 0 : next_ + 1;
    used_ = std::max(used_, slot + 1);
    return {number_, slot, state_of(lane_.slots[slot].word).lap};
}

void TaskOwner::give_back(const TaskSlotId& room) {
    free_.push_back(room.slot);
}

void TaskOwner::publish(const TaskSlotId& room, const TaskSpec& spec, const TaskSlotId& parent) {
    TaskSlot& slot = lane_.slots[room.slot];
    name_submitting(room.slot + 1);
    reached(Step::task_submitting);
    std::byte* const block = keep_message(room, spec.message);
    fill(slot, spec);
    slot.parent = parent;
    slot.block.store(block, std::memory_order_relaxed);
    slot.number = lane_.submitted.load(std::memory_order_relaxed) + 1;
    lane_.submitted.store(slot.number, std::memory_order_relaxed);
    slot.word.store(pack(TaskState{.lap = room.lap, .kind = TaskKind::ready}),
                    std::memory_order_release);
    reached(Step::task_published);
    if (block != nullptr && line_ != nullptr) {
        table_.heap->give_over(party_, block);
        reached(Step::task_message_given_over);
    }
    name_submitting(0);
    enqueue(room);
    reached(Step::task_enqueued);
}

/// Copies the message into the slot, or into a block, which it returns.
std::byte* TaskOwner::keep_message(const TaskSlotId& room, std::span<const std::byte> message) {
    if (message.size() <= TaskSlot::room) {
        if (!message.empty()) {
            std::memcpy(lane_.slots[room.slot].here.data(), message.data(), message.size());
        }
        return nullptr;
    }
    std::byte* block = nullptr;
    try {
        block = static_cast<std::byte*>(table_.heap->allocate(party_, message.size()));
    } catch (...) {
        name_submitting(0);
        give_back(room);
        throw;
    }
    reached(Step::task_message_taken);
    std::memcpy(block, message.data(), message.size());
    return block;
}

void TaskOwner::name_submitting(std::uint32_t slot_or_none) noexcept {
    if (line_ != nullptr) {
        line_->submitting.store(slot_or_none, std::memory_order_release);
    }
}

// An entry for each task that is ready has room, and as many stale ones; cancelled tasks may leave
// more of these while nobody takes anything.
void TaskOwner::enqueue(const TaskSlotId& id) noexcept {
    const std::uint64_t tail = lane_.tail.load(std::memory_order_relaxed);
    if (tail - cursor_seen_ >= lane_.queue.size()) {
        // Acquire: whoever took an entry out has read it before.
        cursor_seen_ = lane_.cursor.load(std::memory_order_acquire);
    }
    if (tail - cursor_seen_ >= lane_.queue.size()) {
        raise_rescan(table_, number_);
        return;
    }
    lane_.queue[tail & (lane_.queue.size() - 1)].store(pack_entry(id.lap, id.slot),
                                                       std::memory_order_relaxed);
    lane_.tail.store(tail + 1, std::memory_order_seq_cst);  // see note_open()
    note_open(table_, number_);
}

bool TaskOwner::cancel(const TaskSlotId& id) noexcept {
    TaskWord& word = lane_.slots[id.slot].word;
    TaskState seen = state_of(word);
    while (seen.lap == id.lap && seen.kind == TaskKind::ready) {
        TaskState next = seen;
        next.kind = TaskKind::cancelled;
        if (move_task(word, seen, next)) {
            reached(Step::task_cancelled);
            return true;
        }
    }
    return false;
}

bool TaskOwner::mark(const TaskSlotId& id, std::uint8_t flags) noexcept {
    TaskWord& word = lane_.slots[id.slot].word;
    TaskState seen = state_of(word);
    while (seen.lap == id.lap && (seen.kind == TaskKind::ready || seen.kind == TaskKind::running)) {
        TaskState next = seen;
        next.flags |= flags;
        if (move_task(word, seen, next)) {
            return true;
        }
    }
    return false;
}

bool TaskOwner::kill(const TaskSlotId& id) noexcept {
    TaskWord& word = lane_.slots[id.slot].word;
    TaskState seen = state_of(word);
    while (seen.lap == id.lap && seen.kind == TaskKind::running) {
        TaskState next = seen;
        next.flags |= task_unwanted | task_killed;
        if (move_task(word, seen, next)) {
            return true;
        }
    }
    return false;
}

ResultSlot TaskOwner::take_result(const TaskSlotId& id) noexcept {
    TaskSlot& slot = lane_.slots[id.slot];
    const ResultSlot result = slot.result;
    if (result.has_block()) {
        forget_result(slot);
    }
    return result;
}

void TaskOwner::prefetch_behind(const TaskSlotId& id) const noexcept {
    const std::size_t behind = id.slot + owner_looks_ahead;
    const std::size_t slots = lane_.slots.size();
    const TaskSlot& slot = lane_.slots[behind < slots ? behind : behind % slots];
    prefetch_to_write(&slot.word);
    prefetch_to_write(&slot.floating_mode);
    prefetch_to_write(&slot.result);
}

void TaskOwner::release(const TaskSlotId& id) noexcept {
    free_slot({table_.heap, party_, line_}, id, lane_.slots[id.slot]);
    free_.push_back(id.slot);  // it has room for all slots that were ever used
}

}  // namespace pinfold::detail
