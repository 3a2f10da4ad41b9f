#include "tree/status_page.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <new>

#include "clock.hpp"

namespace pinfold::detail {

void StatusPage::open(const Workforce& workforce) noexcept {
    const std::size_t workers = workforce.workers.size();
    const std::size_t bytes = status_bytes(workers);
    shm::Descriptor memory(memfd_create(status_page_name, MFD_CLOEXEC));
    if (memory.number() < 0 || ftruncate(memory.number(), static_cast<off_t>(bytes)) != 0) {
        return;
    }
    void* const at = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, memory.number(), 0);
    // Without the advice, later workers would keep the page.
    if (at == MAP_FAILED || madvise(at, bytes, MADV_DONTFORK) != 0) {
        return;
    }
    memory_ = std::move(memory);
    auto* const head = new (at) StatusHead;
    head->workers = static_cast<std::uint32_t>(workers);
    head->supervisor = getpid();
    head->host = workforce.host.pid.load(std::memory_order_relaxed);
    head->began_ns = now_ns();
    auto* const jobs = reinterpret_cast<StatusJob*>(head + 1);
    lines_.jobs = {jobs, most_status_jobs};
    lines_.workers = {reinterpret_cast<StatusWorker*>(jobs + most_status_jobs), workers};
    head_ = head;
}

// Odd first, and even at the end, each in the order in which others see it.
void StatusPage::begin_update(std::int64_t now) noexcept {
    head_->sequence.store(head_->sequence.load(std::memory_order_relaxed) + 1,
                          std::memory_order_relaxed);
    std::atomic_thread_fence(std::memory_order_release);
    updated_ns_ = now;
    head_->updated_ns = now;
    head_->deaths = deaths_;
}

void StatusPage::end_update(Works works) noexcept {
    lines_.open_jobs = 0;
    lines_.told_jobs = 0;
    lines_.has_tasks = false;
    for (const Work* const work : works) {
        work->tell(lines_);
    }
    head_->open_jobs = lines_.open_jobs;
    head_->told_jobs = lines_.told_jobs;
    head_->tasks_started = lines_.tasks_started;
    head_->tasks_waiting = lines_.tasks_waiting;
    has_work_ = lines_.open_jobs != 0 || lines_.has_tasks;
    head_->sequence.store(head_->sequence.load(std::memory_order_relaxed) + 1,
                          std::memory_order_release);
}

}  // namespace pinfold::detail
