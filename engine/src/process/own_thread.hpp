#pragma once

#include <functional>
#include <memory>

namespace pinfold::detail {

/// A thread that is started before it is needed, for one piece of work that its maker is not ready
/// for yet. No signal handler of the program runs on it.
///
/// What forks there gives its child a stack of its own, as large as RLIMIT_STACK says, 8 MiB where
/// that is unlimited, with a guard page below: the caller's stack may be of any size. The child
/// also begins with a state of its own in libraries that keep one a thread: OpenMP's runtime does
/// not wait for the team that the caller's thread once had.
///
/// Its start takes some 50 µs, most of them on another CPU, while its maker does other things.
class OwnThread {
  public:
    /// Starts it with what it can do at once. Throws std::system_error when there is no such thread
    /// to be had.
    explicit OwnThread(std::function<void()> first = [] {});
    ~OwnThread();
    OwnThread(const OwnThread&) = delete;
    OwnThread& operator=(const OwnThread&) = delete;

    /// Runs `body` on the thread, once, and returns when the thread has ended; lets out what that
    /// throws. Where the first work has thrown, lets that out instead.
    void run(const std::function<void()>& body);

  private:
    struct Thread;
    std::unique_ptr<Thread> thread_;
};

}  // namespace pinfold::detail
