#pragma once

// An owner's side of its lane: the host's, or a worker's.
//
// Who may touch what: the owner alone moves a slot out of `free`, `done` and `cancelled`, and reads
// its result. When a worker dies, the supervisor is the owner of its lane until the successor runs.

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "tasks/task_table.hpp"

namespace pinfold::detail {

struct TaskSpec;

/// Thread-safety: none; its user locks. What only reads a slot, but for find_room(), needs no lock.
class TaskOwner {
  public:
    TaskOwner(TaskTable& table, std::uint32_t lane, shm::PartyNumber party);

    /// A slot for publish(), named by the lap that it will have; or nothing, when all are in use.
    /// Where none is known to be free, calls `done(id)` for slots that are done or cancelled, one
    /// after the other, until that has released one. Throws std::bad_alloc: never of a worker.
    template <typename Done>
    [[nodiscard]] std::optional<TaskSlotId> find_room(Done&& done) {
        if (auto known = known_room()) {
            return known;
        }
        for (std::size_t looks = lane_.slots.size(); looks > 0; --looks) {
            const TaskSlotId here = next_slot();
            const TaskKind kind = state(here).kind;
            if (kind == TaskKind::done || kind == TaskKind::cancelled) {
                done(here);
            }
            if (auto known = known_room()) {
                return known;
            }
            if (kind == TaskKind::free) {
                return TaskSlotId{here.lane, here.slot, here.lap + 1};
            }
        }
        return std::nullopt;
    }

    /// Gives back what find_room() found, unused.
    void give_back(const TaskSlotId& room);

    /// Makes the task ready. Its message is copied: into a block if it is long. Throws
    /// shm::HeapFull where there is no room for that, and then nothing is published, and the slot
    /// given back. Whoever calls this calls a worker afterwards; see TaskTable::call_one().
    void publish(const TaskSlotId& room, const TaskSpec& spec, const TaskSlotId& parent = {});

    /// Cancels a task that nobody has claimed. Returns whether it was so; then it is to be
    /// released.
    bool cancel(const TaskSlotId& id) noexcept;

    /// Adds flags to a task that is not over. Returns false when it is.
    bool mark(const TaskSlotId& id, std::uint8_t flags) noexcept;

    /// Marks a task that is running, so that Work::condemn_marked() names its worker; whoever ends
    /// it frees it, and it never runs again. Returns false when it is not running (any more).
    bool kill(const TaskSlotId& id) noexcept;

    /// Moves the result of a done task out of its slot, with its block: that is the caller's to
    /// give back to the heap. Of a worker, nobody would find it after its death: it decodes what
    /// lies in the slot, and releases that.
    [[nodiscard]] ResultSlot take_result(const TaskSlotId& id) noexcept;

    /// Asks for the lines of a slot that was submitted some tasks after this one, for an owner who
    /// finds that the workers are ahead of it.
    void prefetch_behind(const TaskSlotId& id) const noexcept;

    /// Asks for the lines that each publish() writes and takers look at, for one that comes soon.
    void prefetch_queue() const noexcept {
        const std::uint64_t tail = lane_.tail.load(std::memory_order_relaxed);
        prefetch_to_write(&lane_.tail);
        prefetch_to_write(&lane_.queue[tail & (lane_.queue.size() - 1)]);
    }

    /// Frees a slot that is done or cancelled, with what it still names.
    void release(const TaskSlotId& id) noexcept;

    // Anybody of this process may ask these.
    [[nodiscard]] TaskTable& table() const noexcept { return table_; }
    [[nodiscard]] TaskLane& lane() const noexcept { return lane_; }

    /// How many slots from the first on were ever looked at by this owner. The others are free, and
    /// not in memory: who walks all of them pays a page fault for each sixteen.
    [[nodiscard]] std::uint32_t used_slots() const noexcept { return used_; }
    [[nodiscard]] const TaskSlot& slot(const TaskSlotId& id) const noexcept {
        return lane_.slots[id.slot];
    }
    [[nodiscard]] const TaskFailure& failure(const TaskSlotId& id) const noexcept {
        return lane_.failures[id.slot];
    }
    [[nodiscard]] TaskState state(const TaskSlotId& id) const noexcept {
        return state_of(lane_.slots[id.slot].word);
    }
    [[nodiscard]] std::span<const std::byte> message(const TaskSlotId& id) const noexcept {
        return {slot(id).message(), slot(id).message_bytes};
    }
    [[nodiscard]] shm::Doorbell& bell(const TaskSlotId& id) const noexcept {
        return lane_.bell_of(id.slot);
    }

  private:
    [[nodiscard]] std::optional<TaskSlotId> known_room() noexcept;
    [[nodiscard]] TaskSlotId next_slot();
    [[nodiscard]] std::byte* keep_message(const TaskSlotId& room,
                                          std::span<const std::byte> message);
    void name_submitting(std::uint32_t slot_or_none) noexcept;
    void enqueue(const TaskSlotId& id) noexcept;

    TaskTable& table_;
    TaskLane& lane_;
    TaskLine* const line_;  // of a worker
    const std::uint32_t number_;
    const shm::PartyNumber party_;
    std::vector<std::uint32_t> free_;  // slots that are, the one to use next last
    std::uint32_t next_ = 0;
    std::uint32_t used_ = 0;
    std::uint64_t cursor_seen_ = 0;
};

}  // namespace pinfold::detail
