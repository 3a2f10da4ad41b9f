#pragma once

#include <atomic>
#include <memory>
#include <pinfold/shm/arena.hpp>

#include "futures/future_home.hpp"

namespace pinfold::detail {

/// The client of a pool without workers: who submits a task runs it.
class SerialClient final : public FutureHome {
  public:
    /// The arena is that of the pool, or none.
    explicit SerialClient(std::shared_ptr<shm::Arena> arena)
        : FutureHome(Crew::serial), arena_(std::move(arena)) {}

    void submit(const TaskSpec& spec, std::shared_ptr<FutureState> state) override;
    bool submit_within(const TaskSpec& spec, std::shared_ptr<FutureState> state,
                       std::chrono::nanoseconds longest, const std::stop_token& stop) override;
    void shutdown(Shutdown how) override;
    [[nodiscard]] const shm::Arena& arena() const override { return *arena_; }
    [[nodiscard]] int process_of_workers() const noexcept override { return 0; }
    void check_code(const void* function) const override;

  private:
    void free_block(std::byte* block) noexcept override;

    const std::shared_ptr<shm::Arena> arena_;
    std::atomic<bool> is_shut_{false};
    std::atomic<std::uint64_t> submitted_{0};
};

/// See FutureHome::of_no_pool().
[[nodiscard]] std::shared_ptr<FutureHome> make_home_of_no_pool();

}  // namespace pinfold::detail
