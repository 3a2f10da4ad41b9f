#pragma once

// A task without its types: what a submit hands to the engine, and how a worker calls it. Not for
// users.

#include <cstddef>
#include <pinfold/api.hpp>
#include <pinfold/engine/tasks/options.hpp>
#include <span>

namespace pinfold::detail {

class ResultBlocks;
struct ResultSlot;

/// An attempt at a task, as its worker sees it. The message is the same in each attempt.
struct RunningTask {
    const std::byte* message;
    std::size_t bytes;
    ResultSlot* result;
    ResultBlocks* blocks;  // for a result that its slot has no room for
};

/// Makes the function and its arguments of the message, calls, and writes the result; of a task
/// that returns nothing, result->bytes is 0. Throws what the function throws, and what making and
/// writing throw.
using TaskFunction = void (*)(const RunningTask& task);

/// What is submitted. All that it points to is the caller's, and is gone when the submit returns.
struct TaskSpec {
    TaskFunction call = nullptr;
    const void* code = nullptr;  // which the workers must have; they have it if they have `call`
    std::span<const std::byte> message{};
    std::size_t alignment = 1;  // of the message in a worker
    const TaskOptions* options = nullptr;
};

}  // namespace pinfold::detail
