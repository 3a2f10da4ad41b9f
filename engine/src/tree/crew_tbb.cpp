// Workers are threads of a TBB arena. A call is answered by as many tasks as there are pieces of
// work, at most one for each worker. A task does whatever work is open and ends when none can have
// anything for it any more. TBB may run fewer threads than tasks: the tasks left over find nothing
// to do. A map that uses TBB itself runs in the same arena, so the machine is not oversubscribed.

#include <unistd.h>

#include <algorithm>
#include <latch>
#include <optional>
#include <pinfold/affinity/binding.hpp>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "handover.hpp"
#include "note_binding.hpp"
#include "process/fork_lock.hpp"
#include "process/proc_text.hpp"
#include "process/why_refused.hpp"
#include "tree/crew.hpp"
#include "tree/turns.hpp"

#include <tbb/global_control.h>
#include <tbb/info.h>
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
        throw refusal(e.code().value(), "a pool of " + std::to_string(count) +
                                            " threads could start " +
                                            std::to_string(threads.size()));
    }
    all_tried.count_down();
}

/// Which worker the calling thread of the arena is. TBB gives each thread a place of its own below
/// the arena's size, but makes two places for a size of one.
WorkerNumber worker_number(std::size_t workers) {
    const auto place = static_cast<std::size_t>(tbb::this_task_arena::current_thread_index());
    return static_cast<WorkerNumber>(place % workers);
}

/// Whether a thread of this process waits for something. Without /proc nobody knows.
bool is_asleep(pid_t thread) noexcept {
    const ProcText stat("/proc/self/task/", thread, "/stat");
    const std::size_t name_end = stat.text().rfind(')');
    if (name_end == std::string_view::npos) {
        return false;
    }
    const std::string_view state = stat.text().substr(name_end);
    return state.starts_with(") S") || state.starts_with(") D");
}

/// Lets TBB run as many threads as all crews of the process have workers, beside those that the
/// program has anyway. Of several limits TBB takes the lowest, so there is one for all crews: with
/// one each, a crew of two would leave two to a crew of sixty-four. It is never lowered, since a
/// limit above what is used costs nothing, and never destroyed, since pools may be static.
class ThreadLimit {
  public:
    /// Changes how many workers there are.
    static void change(std::ptrdiff_t workers) {
        const ForkLock no_child_has_it_half_made;
        static auto* const limit = new ThreadLimit;
        limit->workers_ += static_cast<std::size_t>(workers);
        limit->apply();
    }

  private:
    static constexpr std::size_t least = 256;  // TBB is ready for as many anyway

    void apply() {
        const std::size_t needed = std::max(least, own_ + workers_);
        if (needed > allowed_) {
            limit_.reset();  // before the next one: it would be the lower one
            limit_.emplace(tbb::global_control::max_allowed_parallelism, needed);
            allowed_ = needed;
        }
    }

    const std::size_t own_ = static_cast<std::size_t>(tbb::info::default_concurrency());
    std::size_t workers_ = 0;
    std::size_t allowed_ = 0;
    std::optional<tbb::global_control> limit_;
};

/// A crew's part of the limit.
class Allowance {
  public:
    explicit Allowance(std::size_t workers) : workers_(static_cast<std::ptrdiff_t>(workers)) {
        ThreadLimit::change(workers_);
    }
    ~Allowance() { ThreadLimit::change(-workers_); }
    Allowance(const Allowance&) = delete;
    Allowance& operator=(const Allowance&) = delete;

  private:
    const std::ptrdiff_t workers_;
};

/// Binds each thread while it is in the arena, and gives it its old mask when it leaves.
class Pinner final : public tbb::task_scheduler_observer {
  public:
    Pinner(tbb::task_arena& arena, std::span<const shm::Party> workers)
        : tbb::task_scheduler_observer(arena), workers_(workers) {
        hand_over(this);
        arena.initialize();  // an observer that finds no memory for this crashes
        // TBB frees the record of an observer when the last of its own threads has passed it.
        const NoLeaks no_leaks;
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
        const int cpu =
            workers_[worker_number(workers_.size())].cpu.load(std::memory_order_relaxed);
        hand_over(this);
        if (cpu < 0) {
            return;
        }
        try {
            before().emplace(cpu);
        } catch (const std::exception&) {
            before().reset();  // a CPU that was taken away since: the thread runs unbound, and
        }                      // run_worker() says so
    }
    void on_scheduler_exit(bool) override { before().reset(); }

  private:
    static std::optional<affinity::ScopedBinding>& before() {
        thread_local std::optional<affinity::ScopedBinding> binding;
        return binding;
    }

    const std::span<const shm::Party> workers_;
};

class ThreadCrew final : public CrewOfWorkers {
  public:
    ThreadCrew(Workforce& workforce, Works works)
        : workforce_(workforce),
          works_(works),
          allowance_(workforce.workers.size()),
          arena_(static_cast<int>(workforce.workers.size()), 0),
          pinner_(arena_, workforce.workers),
          busy_(workforce.workers.size()) {}

    // Every task must be over before the arena and the boards go.
    ~ThreadCrew() override {
        workforce_.closing.store(true, std::memory_order_seq_cst);
        workforce_.work.ring();
        hand_over(this);
        arena_.execute([this] {
            take_over(this);
            tasks_->wait();
            hand_over(this);
        });
        take_over(this);
    }

    // Whoever slept in its task and was woken needs no other one.
    void call(std::uint64_t pieces, bool) override {
        const std::uint32_t woken = workforce_.call(pieces);
        const std::size_t wanted = std::min<std::uint64_t>(pieces, busy_.size()) - woken;
        for (std::size_t i = 0; i < wanted; ++i) {
            enqueue(busy_.size());
        }
    }

    // A worker that is counted looks at all that is open before it ends, and after it is no longer
    // counted; so does a task of TBB's that is still to come. Either sees what was put out before
    // this call, or this call sees that it has ended (all seq_cst).
    void call_one() override {
        if (workforce_.work.ring_for(1) != 0) {
            return;
        }
        if (coming_.load(std::memory_order_seq_cst) + working_.load(std::memory_order_seq_cst) <
            busy_.size()) {
            enqueue(busy_.size());
        }
    }

    void kill_marked() override {}
    void check() override {}

    // A map may wait for a thread that runs a job on this pool. Were all workers in such maps, and
    // each job left to the workers, nobody would move. So a job that no worker is on is run by its
    // caller in the end: from the beginning, also when workers have run some of it and went on to
    // other jobs when their turn was over.
    [[nodiscard]] bool leaves_it_to_host(std::chrono::nanoseconds waited) const noexcept override {
        std::size_t working = 0;
        for (const Busy& worker : busy_) {
            if (worker.value.load(std::memory_order_seq_cst)) {
                if (worker.in_turn.load(std::memory_order_acquire) == 0) {
                    return waited >= until_it_may_be_waiting;  // it looks for work just now
                }
                ++working;
            }
        }
        const bool stands_still = starts() == standstill_.load(std::memory_order_relaxed);
        if (working == 0) {
            return waited >= (stands_still ? until_sleepers_are_believed : until_threads_come);
        }
        if (stands_still || waited >= until_it_may_be_waiting) {
            return true;
        }
        return waited >= until_sleepers_are_believed && all_are_asleep();
    }

    void note_standstill() noexcept override {
        standstill_.store(starts(), std::memory_order_relaxed);
    }

  private:
    void enqueue(std::size_t tries) {
        hand_over(this);
        coming_.fetch_add(1, std::memory_order_seq_cst);
        arena_.enqueue(tasks_->defer([this, tries] { work(tries); }));
    }

    // A task that finds its worker's number taken leaves: it lies on top of that worker's own task,
    // in a map that waits inside TBB, or the worker is about to end. So who gives a number back
    // looks again. Meanwhile the call goes on to another thread, for some tries: this one may take
    // the task again.
    void work(std::size_t tries) {
        take_over(this);
        std::atomic<bool>& busy = busy_[worker_number(workforce_.workers.size())].value;
        bool has_come = false;
        do {
            if (busy.exchange(true, std::memory_order_seq_cst)) {
                if (tries > 1 && any_is_open(works_)) {
                    enqueue(tries - 1);
                }
                break;
            }
            tries = 0;
            working_.fetch_add(1, std::memory_order_seq_cst);
            if (!std::exchange(has_come, true)) {
                coming_.fetch_sub(1, std::memory_order_seq_cst);
            }
            run_worker();
            busy.store(false, std::memory_order_seq_cst);
            working_.fetch_sub(1, std::memory_order_seq_cst);
        } while (any_is_open(works_) && !is_closing());
        if (!has_come) {
            coming_.fetch_sub(1, std::memory_order_seq_cst);
        }
        hand_over(this);
    }

    void run_worker() {
        const WorkerNumber number = worker_number(workforce_.workers.size());
        std::atomic<pid_t>& in_turn = busy_[number].in_turn;
        thread_local const pid_t thread = gettid();  // once: it costs a system call
        Turns turns(works_, number, [] { return false; });
        while (!is_closing()) {
            note_binding(workforce_.workers[number]);
            const std::uint32_t seen = workforce_.work.value();
            in_turn.store(thread, std::memory_order_release);
            const bool did = turns.take_each();
            in_turn.store(0, std::memory_order_release);
            if (did) {
                continue;
            }
            if (!any_is_open(works_)) {
                break;
            }
            workforce_.work.wait(seen, look_interval);
        }
    }

    [[nodiscard]] bool all_are_asleep() const noexcept {
        return std::all_of(busy_.begin(), busy_.end(), [](const Busy& worker) {
            const pid_t thread = worker.in_turn.load(std::memory_order_acquire);
            return thread == 0 || is_asleep(thread);
        });
    }

    [[nodiscard]] bool is_closing() const noexcept {
        return workforce_.closing.load(std::memory_order_seq_cst);
    }

    // A job's end rings its host's bell only, so a task that waits for a next phase looks by
    // itself.
    static constexpr std::chrono::milliseconds look_interval{10};

    // For leaves_it_to_host(): workers that sleep in maps may only be reading a file. TBB may take
    // its time to start a thread, and gives none while others have all that it may run. A map that
    // computes may as well be waiting in a loop of its own.
    static constexpr std::chrono::milliseconds until_sleepers_are_believed{10};
    static constexpr std::chrono::milliseconds until_threads_come{1000};
    static constexpr std::chrono::seconds until_it_may_be_waiting{10};

    static constexpr std::uint64_t no_standstill = ~std::uint64_t{0};

    struct alignas(shm::cache_line) Busy {
        std::atomic<bool> value{false};
        std::atomic<pid_t> in_turn{0};  // the thread that works there at this moment
    };

    /// How many pieces of work all workers have started, ever.
    [[nodiscard]] std::uint64_t starts() const noexcept {
        std::uint64_t sum = 0;
        for (WorkerNumber worker = 0; worker < busy_.size(); ++worker) {
            sum += starts_of(works_, worker);
        }
        return sum;
    }

    Workforce& workforce_;
    const Works works_;
    const Allowance allowance_;
    tbb::task_arena arena_;
    Pinner pinner_;
    std::vector<Busy> busy_;
    std::atomic<std::uint64_t> coming_{0};                  // tasks of TBB's that have not begun
    std::atomic<std::uint64_t> working_{0};                 // workers that are busy
    std::atomic<std::uint64_t> standstill_{no_standstill};  // starts() when the last one was seen
    const std::unique_ptr<tbb::task_group> tasks_ = std::make_unique<tbb::task_group>();
};

}  // namespace

std::unique_ptr<CrewOfWorkers> make_thread_crew(Workforce& workforce, Works works) {
    require_threads(workforce.workers.size());
    return std::make_unique<ThreadCrew>(workforce, works);
}

}  // namespace pinfold::detail
