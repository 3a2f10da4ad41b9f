#pragma once

#include <array>
#include <cstring>
#include <deque>
#include <pinfold/engine/detail/tasks/task_spec.hpp>
#include <pinfold/shm/arena.hpp>
#include <pinfold/shm/heap.hpp>
#include <span>
#include <vector>

#include "results/worker_blocks.hpp"
#include "tasks/task_burial.hpp"
#include "tasks/task_memory.hpp"
#include "tasks/task_runner.hpp"
#include "tree/workforce.hpp"

namespace pinfold::testing {

/// The tasks of a pool whose host, workers and supervisor a test plays itself.
class PlayedTasks {
  public:
    explicit PlayedTasks(std::size_t workers, std::uint32_t slots = 8, bool may_die = true)
        : arena_({.bytes = std::size_t{1} << 22, .heap_parties = workers + 1}),
          workforce_(*new (arena_.allocate(sizeof(detail::Workforce))) detail::Workforce),
          memory_((make_parties(workers), workforce_), slots, arena_.heap(), may_die),
          host(table(), detail::host_lane, detail::host_party) {
        for (detail::WorkerNumber worker = 0; worker < workers; ++worker) {
            runners.emplace_back(table(), worker);
        }
        before_ = heap().used_bytes();
    }

    [[nodiscard]] detail::TaskTable& table() const { return memory_.table(); }
    [[nodiscard]] shm::Heap& heap() const { return *arena_.heap(); }
    [[nodiscard]] shm::Arena& arena() { return arena_; }

    /// What stands in shared memory now and did not at the start.
    [[nodiscard]] std::size_t leaked() const { return heap().used_bytes() - before_; }

    /// As a supervisor does, once the worker is reaped.
    void bury(detail::WorkerNumber worker, const detail::WorkerDeath& death = {}) {
        detail::bury_tasks(table(), worker, death);
        heap().bury(detail::party_of(worker), false);
        detail::clear_up_tasks(table(), worker);
    }

    /// A bare message for the host's lane; there is room.
    detail::TaskSlotId submit(detail::TaskFunction call, std::span<const std::byte> message,
                              const TaskOptions& options = {}) {
        return submit(host, call, message, options);
    }
    template <typename Message>
    detail::TaskSlotId submit(detail::TaskFunction call, const Message& message,
                              const TaskOptions& options = {}) {
        return submit(call, std::as_bytes(std::span(&message, 1)), options);
    }

    /// The same for the lane of any owner.
    static detail::TaskSlotId submit(detail::TaskOwner& owner, detail::TaskFunction call,
                                     std::span<const std::byte> message,
                                     const TaskOptions& options = {},
                                     const detail::TaskSlotId& parent = {}) {
        const auto room = owner.find_room([](const auto&) {});
        if (!room) {
            throw std::logic_error("no room");
        }
        owner.publish(*room, {.call = call, .message = message, .options = &options}, parent);
        return *room;
    }

  private:
    void make_parties(std::size_t workers) {
        auto* const parties = static_cast<shm::Party*>(
            arena_.allocate(workers * sizeof(shm::Party), alignof(shm::Party)));
        std::uninitialized_default_construct_n(parties, workers);
        workforce_.workers = {parties, workers};
    }

    shm::Arena arena_;
    detail::Workforce& workforce_;
    detail::TaskMemory memory_;
    std::size_t before_ = 0;

  public:
    detail::TaskOwner host;
    std::deque<detail::TaskRunner> runners;
};

template <typename T>
T value_of(const detail::ResultSlot& result) {
    T value;
    std::memcpy(&value, result.content().data(), sizeof value);
    return value;
}

template <typename T>
T message_of(const detail::RunningTask& task) {
    T value;
    std::memcpy(&value, task.message, sizeof value);
    return value;
}

/// Puts a result where it has room.
template <typename T>
void return_from(const detail::RunningTask& task, const T& value) {
    std::memcpy(task.result->here, &value, sizeof value);
    task.result->bytes = sizeof value;
}

}  // namespace pinfold::testing
