#pragma once

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstddef>
#include <cstring>
#include <pinfold/engine/map_reduce.hpp>
#include <thread>

namespace pinfold::testing {

/// A worker dies after it called `what`.
template <typename What>
void die_after(Pool& pool, What what) {
    const auto job = [what](const Chunk&) {
        what();
        kill(getpid(), SIGKILL);
    };
    EXPECT_THROW(for_each_chunk(pool, Range{0, 1}, job, {.max_attempts = 1}), JobFailed);
}

/// A copy of a handle as another process has it: its bytes alone.
template <typename Handle>
class View {
  public:
    explicit View(const Handle& handle) { std::memcpy(bytes_, &handle, sizeof(Handle)); }
    [[nodiscard]] const Handle& operator*() const {
        return *reinterpret_cast<const Handle*>(bytes_);
    }
    [[nodiscard]] const Handle* operator->() const { return &**this; }

  private:
    alignas(Handle) std::byte bytes_[sizeof(Handle)];
};

/// A thread that calls `wait`, and most likely sleeps in it when this returns.
template <typename Wait>
[[nodiscard]] std::thread start_to_wait(Wait wait) {
    std::atomic<bool> is_there = false;
    std::thread thread([&is_there, wait] {
        is_there = true;
        wait();
    });
    while (!is_there) {
        std::this_thread::yield();
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    return thread;
}

}  // namespace pinfold::testing
