#include "tasks/task_oversight.hpp"

#include <algorithm>
#include <string_view>

namespace pinfold::detail {

namespace {

constexpr std::uint64_t condemned_for_a_mark = ~std::uint64_t{0};

bool is_running_on(const TaskTable& table, WorkerNumber worker, const TaskSlotId& id,
                   std::uint8_t flags) noexcept {
    if (id.lane >= table.lanes.size() || id.slot >= table.lanes[id.lane].slots.size()) {
        return false;
    }
    const TaskState state = unpack_task(table.slot_of(id).word.load(std::memory_order_seq_cst));
    return state.kind == TaskKind::running && state.worker == worker && state.lap == id.lap &&
           (state.flags & flags) == flags;
}

template <typename StillThere>
bool condemn_if(TaskLine& line, std::uint64_t condemned, StillThere is_still_there) noexcept {
    if (line.condemned.load(std::memory_order_relaxed) != 0) {
        return false;  // it is dying already
    }
    line.condemned.store(condemned, std::memory_order_seq_cst);
    if (is_still_there()) {
        return true;
    }
    line.condemned.store(0, std::memory_order_release);
    return false;
}

std::int64_t deadline_at(const TaskLine& line, std::uint32_t level) noexcept {
    return line.timed[level].load(std::memory_order_seq_cst) != 0
               ? line.deadlines_ns[level].load(std::memory_order_relaxed)
               : 0;
}

std::int64_t shortest_of(std::span<const TaskLine> lines) noexcept {
    std::int64_t shortest = 0;
    for (const TaskLine& line : lines) {
        for (std::uint32_t level = 0; level < line.levels_timed(); ++level) {
            if (const std::int64_t deadline = deadline_at(line, level); deadline != 0) {
                shortest = shortest == 0 ? deadline : std::min(shortest, deadline);
            }
        }
    }
    return shortest;
}

/// The task that runs on the worker; of those that lie in one another the innermost.
TaskSlotId running_on(const TaskTable& table, WorkerNumber worker) noexcept {
    const TaskLine& line = table.lines[worker];
    const std::uint32_t depth = std::min(line.depth.load(std::memory_order_seq_cst), most_inline);
    for (std::uint32_t level = depth; level-- > 0;) {
        if (const TaskSlotId id = line.at(level); is_running_on(table, worker, id, 0)) {
            return id;
        }
    }
    return {};
}

void tell_name(std::array<char, 24>& to, const TaskSlot& slot) noexcept {
    constexpr std::string_view nameless = "task";
    if (slot.has_name) {
        std::ranges::copy(slot.name_bytes, to.begin());
        to.back() = 0;
    } else {
        std::ranges::copy(nameless, to.begin());
    }
}

}  // namespace

void tell_of_tasks(const TaskTable& table, StatusLines& lines) noexcept {
    lines.tasks_started = 0;
    lines.tasks_waiting = 0;
    for (const TaskLane& lane : table.lanes) {
        const std::uint64_t out = lane.cursor.load(std::memory_order_relaxed);
        const std::uint64_t in = lane.tail.load(std::memory_order_relaxed);
        lines.tasks_waiting += in - std::min(out, in);
    }
    for (WorkerNumber worker = 0; worker < lines.workers.size(); ++worker) {
        lines.tasks_started += table.lines[worker].starts.load(std::memory_order_relaxed);
        const TaskSlotId id = running_on(table, worker);
        if (id.lane == no_lane) {
            continue;
        }
        lines.has_tasks = true;
        std::array<char, 24>& name = lines.workers[worker].task;
        tell_name(name, table.slot_of(id));
        if (!is_running_on(table, worker, id, 0)) {
            name = {};  // it may be another's
        }
    }
    lines.has_tasks |= lines.tasks_waiting != 0;
}

std::int64_t deadline_ns_of(const TaskTable& table, WorkerNumber worker,
                            std::uint32_t level) noexcept {
    return deadline_at(table.lines[worker], level);
}

// A worker that begins meanwhile tells, or is seen at the second look; see TaskRunner.
std::int64_t shortest_deadline_ns(TaskTable& table) noexcept {
    std::int64_t shortest = shortest_of(table.lines);
    for (;;) {
        if (table.watched_ns.load(std::memory_order_relaxed) != shortest) {
            table.watched_ns.store(shortest, std::memory_order_seq_cst);
        }
        const std::int64_t now = shortest_of(table.lines);
        if (now == shortest) {
            return shortest;
        }
        shortest = now;
    }
}

bool condemn(TaskTable& table, WorkerNumber worker, std::uint64_t doing) noexcept {
    TaskLine& line = table.lines[worker];
    return condemn_if(line, doing, [&] {
        for (std::uint32_t level = 0; level < line.levels_timed(); ++level) {
            if (doing != 0 && line.timed[level].load(std::memory_order_seq_cst) == doing) {
                return is_running_on(table, worker, line.at(level), 0);
            }
        }
        return false;
    });
}

bool condemn_marked(TaskTable& table, WorkerNumber worker) noexcept {
    TaskLine& line = table.lines[worker];
    const auto is_marked = [&] {
        const std::uint32_t depth =
            std::min(line.depth.load(std::memory_order_seq_cst), most_inline);
        for (std::uint32_t level = 0; level < depth; ++level) {
            if (is_running_on(table, worker, line.at(level), task_killed)) {
                return true;
            }
        }
        return false;
    };
    return is_marked() && condemn_if(line, condemned_for_a_mark, is_marked);
}

void wake_task_waiters(TaskTable& table) noexcept {
    for (TaskLane& lane : table.lanes) {
        for (shm::Doorbell& bell : lane.bells) {
            bell.ring();
        }
        lane.news.ring();
    }
}

}  // namespace pinfold::detail
