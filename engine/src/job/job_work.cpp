#include "job/job_work.hpp"

#include "board/burial.hpp"
#include "board/oversight.hpp"

namespace pinfold::detail {

JobWork::JobWork(BoardTable& table) : table_(table) {
    for (WorkerNumber worker = 0; worker < table.lines.size(); ++worker) {
        loops_.emplace_back(table, worker);
    }
}

bool JobWork::work_in_turn(WorkerNumber worker, const Shift& shift) {
    return loops_[worker].work_on_all([&shift] {
        return ClaimLoop::Asked{.stays = !shift.is_over(), .others_wait = shift.others_wait()};
    });
}

bool JobWork::is_open() const noexcept {
    // seq_cst: a thread crew's worker that stops working looks here, and the host opens a board
    // before it calls for workers; one of the two sees the other.
    return table_.open_bits.load(std::memory_order_seq_cst) != 0;
}

std::uint64_t JobWork::starts_of(WorkerNumber worker) const noexcept {
    return table_.lines[worker].starts.load(std::memory_order_acquire);
}

bool JobWork::is_at_work(WorkerNumber worker) const noexcept {
    return table_.lines[worker].joined.load(std::memory_order_acquire) != 0;
}

std::int64_t JobWork::deadline_ns_of(WorkerNumber worker, std::uint32_t /*level*/) const noexcept {
    return detail::deadline_ns_of(table_, worker);
}

std::int64_t JobWork::shortest_deadline_ns() const noexcept {
    return detail::shortest_deadline_ns(table_);
}

std::uint64_t JobWork::doing_of(WorkerNumber worker, std::uint32_t /*level*/) const noexcept {
    return detail::doing_of(table_, worker);
}

bool JobWork::condemn(WorkerNumber worker, std::uint64_t doing) noexcept {
    return detail::condemn(table_, worker, doing);
}

bool JobWork::condemn_marked(WorkerNumber worker) noexcept {
    return detail::condemn_marked(table_, worker);
}

bool JobWork::is_spent(WorkerNumber worker) const noexcept {
    return loops_[worker].is_spent();
}

void JobWork::bury(WorkerNumber worker, const WorkerDeath& death) noexcept {
    detail::bury(table_, worker, death);
}

void JobWork::tell(StatusLines& lines) const noexcept {
    tell_of_jobs(table_, lines);
}

void JobWork::wake_waiters() noexcept {
    wake_hosts(table_);
}

}  // namespace pinfold::detail
