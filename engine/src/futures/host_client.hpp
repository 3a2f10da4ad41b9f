#pragma once

#include <functional>
#include <memory>
#include <pinfold/shm/arena.hpp>

#include "futures/lane_home.hpp"
#include "spin.hpp"
#include "tree/crew.hpp"

namespace pinfold::shm {
class Heap;
}

namespace pinfold::detail {

struct TaskTable;

/// What a host's client knows of its pool; all of it outlives begin_close().
struct ClientPool {
    Crew crew;
    CrewOfWorkers& workers;
    TaskTable& tasks;
    std::shared_ptr<shm::Arena> arena;
    Spinners spinners = Spinners::nobody;
    std::function<void(const void*)> check_code;
};

/// The host's client of a pool with workers.
///
/// A broken pool ends all of its states, whoever finds that it is broken: those who wait look at
/// the crew at least each wait_slice, and the callback thread does while states have hooks.
class HostClient final : public LaneHome {
  public:
    HostClient(ClientPool pool, std::unique_ptr<TaskOwner> owner);
    ~HostClient() override;

    void submit(const TaskSpec& spec, std::shared_ptr<FutureState> state) override;
    bool submit_within(const TaskSpec& spec, std::shared_ptr<FutureState> state,
                       std::chrono::nanoseconds longest, const std::stop_token& stop) override;
    void shutdown(Shutdown how) override;
    [[nodiscard]] int process_of_workers() const noexcept override;
    void check_code(const void* function) const override;

    [[nodiscard]] bool wait(FutureState& state, std::chrono::nanoseconds longest) override;
    [[nodiscard]] bool wait_for_end(Ends& ends, std::chrono::nanoseconds longest) override;
    [[nodiscard]] std::size_t wait_any(std::span<FutureState* const> states,
                                       std::chrono::nanoseconds longest) override;
    void free_block(std::byte* block) noexcept override;

  private:
    enum class Waited { ended, time_is_over, pool_closes };

    template <typename Done>
    void look_before_sleep(Done done) const noexcept;
    [[nodiscard]] Waited wait_in_lane(FutureState& state, const Until& until);
    [[nodiscard]] std::optional<TaskSlotId> wait_for_room(Lock& lock, const Until& until,
                                                          const std::stop_token& stop);
    void sleep_until_room(Lock& lock, const Until& until, std::uint32_t from);
    void require_open(const Lock& lock) const;
    void run_if_stranded(FutureState& state, const Until& since);
    void run_any_if_stranded(const Until& since);
    void kill_marked() noexcept override { pool_.workers.kill_marked(); }
    [[nodiscard]] bool may_kill(const TaskState& /*running*/) const noexcept override {
        return true;
    }
    [[nodiscard]] bool is_busy(const Lock& lock);
    bool is_broken_now() noexcept;
    void break_all(const std::exception_ptr& broken) noexcept;

    [[nodiscard]] ResultSlot take_result(const TaskSlotId& id) override;
    void look_at_pool() noexcept override;

    const std::unique_ptr<TaskOwner> own_;
    const ClientPool pool_;
    shm::Heap* const heap_;  // of the arena, which the states keep alive
    bool is_shut_ = false;
    std::exception_ptr broken_;
    std::uint32_t last_room_ = 0;
};

[[nodiscard]] std::shared_ptr<HostClient> make_host_client(ClientPool pool);

}  // namespace pinfold::detail
