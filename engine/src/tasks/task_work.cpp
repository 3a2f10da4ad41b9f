#include "tasks/task_work.hpp"

#include "clock.hpp"
#include "results/turn.hpp"
#include "spin.hpp"
#include "tasks/task_burial.hpp"
#include "tasks/task_oversight.hpp"

namespace pinfold::detail {

namespace {

// A worker that is quicker than its host would ask for the host's lines after each task, and make
// both slower. So it leaves the host alone for this many pauses, some 0.5 µs, before it looks
// again: a million empty tasks at 3.6 in place of 2.8 millions a second, and one alone as quick as
// before.
constexpr int pauses_between_looks = 40;

}  // namespace

TaskWork::TaskWork(TaskTable& table) : table_(table) {
    for (WorkerNumber worker = 0; worker < table.lines.size(); ++worker) {
        by_number_.push_back(&runners_.emplace_back(table, worker));
    }
}

// While nothing else waits, no clock is read. Where something does, the first task counts: else two
// long ones would be run for each chunk of a job.
bool TaskWork::work_in_turn(WorkerNumber worker, const Shift& shift) {
    TaskRunner& runner = runners_[worker];
    std::int64_t began_ns = shift.others_wait() ? now_ns() : 0;
    bool did = false;
    while (runner.run_next() || (did && has_more_soon(shift) && runner.run_next())) {
        did = true;
        if (runner.is_spent() || shift.is_over()) {
            break;
        }
        if (shift.others_wait()) {
            const std::int64_t now = now_ns();
            if (began_ns == 0) {
                began_ns = now;
            } else if (now - began_ns >= turn_ns) {
                break;
            }
        }
    }
    return did;
}

/// Whether something came in the time that a host needs to put it out.
bool TaskWork::has_more_soon(const Shift& shift) const noexcept {
    if (shift.is_over() || shift.others_wait()) {
        return false;
    }
    for (int pause = 0; pause < pauses_between_looks; ++pause) {
        relax();
    }
    return is_any_open(table_);
}

bool TaskWork::is_open() const noexcept {
    return is_any_open(table_);
}

std::uint64_t TaskWork::starts_of(WorkerNumber worker) const noexcept {
    return table_.lines[worker].starts.load(std::memory_order_acquire);
}

bool TaskWork::is_at_work(WorkerNumber worker) const noexcept {
    return table_.lines[worker].depth.load(std::memory_order_acquire) != 0;
}

std::uint32_t TaskWork::levels_of(WorkerNumber worker) const noexcept {
    return table_.lines[worker].levels_timed();
}

std::int64_t TaskWork::deadline_ns_of(WorkerNumber worker, std::uint32_t level) const noexcept {
    return detail::deadline_ns_of(table_, worker, level);
}

std::int64_t TaskWork::shortest_deadline_ns() const noexcept {
    return detail::shortest_deadline_ns(table_);
}

std::uint64_t TaskWork::doing_of(WorkerNumber worker, std::uint32_t level) const noexcept {
    return table_.lines[worker].timed[level].load(std::memory_order_acquire);
}

bool TaskWork::condemn(WorkerNumber worker, std::uint64_t doing) noexcept {
    return detail::condemn(table_, worker, doing);
}

bool TaskWork::condemn_marked(WorkerNumber worker) noexcept {
    return detail::condemn_marked(table_, worker);
}

bool TaskWork::is_spent(WorkerNumber worker) const noexcept {
    return runners_[worker].is_spent();
}

void TaskWork::bury(WorkerNumber worker, const WorkerDeath& death) noexcept {
    bury_tasks(table_, worker, death);
}

void TaskWork::clear_up(WorkerNumber worker) noexcept {
    clear_up_tasks(table_, worker);
}

void TaskWork::tell(StatusLines& lines) const noexcept {
    tell_of_tasks(table_, lines);
}

void TaskWork::wake_waiters() noexcept {
    wake_task_waiters(table_);
}

}  // namespace pinfold::detail
