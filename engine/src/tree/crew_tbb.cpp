// Workers are threads of a TBB arena. A job is answered by one task for each worker, which works on
// whatever boards are open and ends when none can have work for it any more. TBB may run fewer
// threads than tasks: the tasks left over find nothing to do. A map that uses TBB itself runs in
// the same arena, so the machine is not oversubscribed.

#include <algorithm>
#include <latch>
#include <optional>
#include <pinfold/affinity/binding.hpp>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "board/claim_loop.hpp"
#include "tree/crew.hpp"
#include "tree/handover.hpp"

#include <tbb/global_control.h>
#include <tbb/task_arena.h>
#include <tbb/task_group.h>
#include <tbb/task_scheduler_observer.h>

namespace pinfold::detail {

namespace {

/// Throws std::system_error unless so many threads can be had. TBB itself crashes or waits for ever
/// where it cannot start one, so this is tried before it is asked.
void require_threads(std::size_t count) {
    std::latch all_tried(1);
    std::vector<std::jthread> threads;
    threads.reserve(count);
    try {
        while (threads.size() < count) {
            threads.emplace_back([&all_tried] { all_tried.wait(); });
        }
    } catch (const std::system_error& e) {
        all_tried.count_down();
        throw std::system_error(e.code(), "a pool of " + std::to_string(count) +
                                              " threads could start " +
                                              std::to_string(threads.size()) +
                                              " (a limit like ulimit -v or -u may be too low)");
    }
    all_tried.count_down();
}

/// Which worker the calling thread of the arena is. TBB gives each thread a place of its own below
/// the arena's size, but makes two places for a size of one.
std::size_t worker_number(std::size_t workers) {
    return static_cast<std::size_t>(tbb::this_task_arena::current_thread_index()) % workers;
}

/// Binds each thread while it is in the arena, and gives it its old mask when it leaves.
class Pinner final : public tbb::task_scheduler_observer {
  public:
    Pinner(tbb::task_arena& arena, const WorkerCpus& cpus)
        : tbb::task_scheduler_observer(arena), cpus_(cpus) {
        hand_over(this);
        arena.initialize();  // an observer that finds no memory for this crashes
        observe(true);
    }
    ~Pinner() override {
        observe(false);
        take_over(this);
    }
    Pinner(const Pinner&) = delete;
    Pinner& operator=(const Pinner&) = delete;

    void on_scheduler_entry(bool) override {
        take_over(this);
        const int cpu = cpus_[worker_number(cpus_.size())];
        hand_over(this);
        if (cpu < 0) {
            return;
        }
        try {
            before().emplace(cpu);
        } catch (const std::exception&) {
            before().reset();  // a CPU that was taken away since: the thread runs unbound
        }
    }
    void on_scheduler_exit(bool) override { before().reset(); }

  private:
    static std::optional<affinity::ScopedBinding>& before() {
        thread_local std::optional<affinity::ScopedBinding> binding;
        return binding;
    }

    const WorkerCpus cpus_;
};

class ThreadCrew final : public CrewOfWorkers {
  public:
    ThreadCrew(Control& control, const WorkerCpus& cpus)
        : control_(control),
          allowed_(tbb::global_control::max_allowed_parallelism, cpus.size() + 1),
          arena_(static_cast<int>(cpus.size()), 0),
          pinner_(arena_, cpus),
          busy_(cpus.size()) {}

    // Every task must be over before the arena and the boards go.
    ~ThreadCrew() override {
        control_.closing.store(true, std::memory_order_seq_cst);
        control_.work.ring();
        hand_over(this);
        arena_.execute([this] {
            take_over(this);
            tasks_->wait();
            hand_over(this);
        });
        take_over(this);
    }

    void call(bool) override {
        control_.work.ring();
        hand_over(this);
        for (std::size_t i = 0; i < busy_.size(); ++i) {
            arena_.enqueue(tasks_->defer([this] { work(); }));
        }
    }

    void kill_marked() override {}
    void check() override {}

  private:
    /// Whether some open job may still hand out chunks, now or after a phase.
    [[nodiscard]] bool job_in_progress() const {
        for (std::uint32_t slot = 0; slot < control_.boards.size(); ++slot) {
            if (control_.open[slot].load(std::memory_order_seq_cst) != 0) {
                return true;
            }
        }
        return false;
    }

    // A task that finds its worker's number taken leaves: it lies on top of that worker's own task,
    // in a map that waits inside TBB, or the worker is about to end. So who gives a number back
    // looks again.
    void work() {
        take_over(this);
        std::atomic<bool>& busy = busy_[worker_number(control_.lines.size())].value;
        do {
            if (busy.exchange(true, std::memory_order_seq_cst)) {
                return;
            }
            run_worker();
            busy.store(false, std::memory_order_seq_cst);
        } while (job_in_progress() && !control_.closing.load(std::memory_order_seq_cst));
        hand_over(this);
    }

    void run_worker() {
        ClaimLoop worker(control_, static_cast<int>(worker_number(control_.lines.size())));
        while (!control_.closing.load(std::memory_order_seq_cst)) {
            const std::uint32_t seen = control_.work.value();
            if (worker.work_on_all([] { return true; })) {
                continue;
            }
            if (!job_in_progress()) {
                break;
            }
            control_.work.wait(seen, patience);
        }
    }

    // A job's end rings its host's bell only, so a task that waits for a next phase looks by
    // itself.
    static constexpr std::chrono::milliseconds patience{10};

    struct alignas(cache_line) Busy {
        std::atomic<bool> value{false};
    };

    Control& control_;
    tbb::global_control allowed_;
    tbb::task_arena arena_;
    Pinner pinner_;
    std::vector<Busy> busy_;
    const std::unique_ptr<tbb::task_group> tasks_ = std::make_unique<tbb::task_group>();
};

}  // namespace

std::unique_ptr<CrewOfWorkers> make_thread_crew(Control& control, const WorkerCpus& cpus) {
    require_threads(cpus.size());
    return std::make_unique<ThreadCrew>(control, cpus);
}

}  // namespace pinfold::detail
