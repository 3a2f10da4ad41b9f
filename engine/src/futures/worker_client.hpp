#pragma once

#include <memory>

#include "futures/lane_home.hpp"

namespace pinfold::detail {

class TaskRunner;

/// The client of a worker: for what tasks and maps submit.
///
/// Whoever waits on a worker's thread runs the task itself if it is pending, else one that the
/// waiting task has submitted, and nothing else: another one might want a lock that the waiting
/// task holds. Any other thread, as one that a task started, sleeps, and runs the task itself only
/// when nobody has begun it for a while.
///
/// Hooks are called by whoever finds that a future is done; there is no callback thread.
class WorkerClient final : public LaneHome {
  public:
    /// `process_of_workers` is as in TaskClient.
    WorkerClient(Crew crew, TaskRunner& runner, std::shared_ptr<shm::Arena> arena,
                 int process_of_workers);

    void submit(const TaskSpec& spec, std::shared_ptr<FutureState> state) override;
    bool submit_within(const TaskSpec& spec, std::shared_ptr<FutureState> state,
                       std::chrono::nanoseconds longest, const std::stop_token& stop) override;
    int completion_fd() override;
    void shutdown(Shutdown how) override;
    [[nodiscard]] int process_of_workers() const noexcept override { return process_of_workers_; }
    void check_code(const void* function) const override;

    [[nodiscard]] bool wait(FutureState& state, std::chrono::nanoseconds longest) override;
    [[nodiscard]] std::size_t wait_any(std::span<FutureState* const> states,
                                       std::chrono::nanoseconds longest) override;
    void free_block(std::byte* block) noexcept override;

  private:
    [[nodiscard]] bool is_on_its_thread() const noexcept;
    [[nodiscard]] std::optional<TaskSlotId> make_room(Lock& lock);
    [[nodiscard]] bool run_stranded(std::span<FutureState* const> states);
    [[nodiscard]] bool mark_pending(std::span<FutureState* const> states, TaskFlag flag);
    [[nodiscard]] std::size_t find_done(std::span<FutureState* const> states);
    [[nodiscard]] ResultSlot take_result(const TaskSlotId& id) override;
    void kill_marked() noexcept override;
    [[nodiscard]] bool may_kill(const TaskState& running) const noexcept override;
    [[nodiscard]] bool calls_hooks_here() const noexcept override { return true; }

    TaskRunner& runner_;
    const int process_of_workers_;
};

/// The client of the worker that the calling thread is, inside a map or a task; else nullptr.
[[nodiscard]] WorkerClient* worker_client_here();

/// Has a worker's client made when the worker first asks for it. Before the crew is made.
void prepare_worker_client(TaskRunner& runner, Crew crew, std::shared_ptr<shm::Arena> arena);

/// Ends the futures of a worker that was a thread, when it is gone.
void close_worker_client(TaskRunner& runner) noexcept;

}  // namespace pinfold::detail
