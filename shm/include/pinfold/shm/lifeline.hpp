#pragma once

#include <pthread.h>

#include <atomic>
#include <pinfold/api.hpp>

namespace pinfold::shm {

/// One thread's life, in shared memory: whoever else looks sees that it has ended, however it did,
/// by the kernel's own word. It needs no descriptor, no signal and no process number.
///
/// It is a robust mutex that its holder never unlocks. The kernel marks it when the holder's thread
/// ends, also by SIGKILL or exec.
///
///     pinfold::shm::Lifeline life;  // in shared memory
///     std::thread([&] { life.hold(); }).join();
///     assert(life.is_cut());
///
/// Thread-safety: all members. Fork: a child does not hold what its parent holds.
class PINFOLD_API Lifeline {
  public:
    /// Throws std::system_error where the C library has no robust mutexes.
    Lifeline();
    ~Lifeline();
    Lifeline(const Lifeline&) = delete;
    Lifeline& operator=(const Lifeline&) = delete;

    /// Ties it to the life of the calling thread, once and for ever.
    void hold() noexcept;

    /// Whether a thread has held it and has ended. Costs an atomic operation.
    [[nodiscard]] bool is_cut() noexcept;

  private:
    pthread_mutex_t held_;
    std::atomic<bool> is_cut_{false};
};

}  // namespace pinfold::shm
