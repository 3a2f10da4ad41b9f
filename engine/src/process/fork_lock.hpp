#pragma once

namespace pinfold::detail {

/// The lock that fork() waits for: while a thread holds it, no other thread of the process forks.
///
/// It guards what must not reach a child half-way: a supervisor's birth, and what is made once for
/// the process. Recursive, so that its holder may fork. A child has it free. Children of a bare
/// clone system call are as badly off with it as they are with the C library's own locks.
class ForkLock {
  public:
    ForkLock();
    ~ForkLock();
    ForkLock(const ForkLock&) = delete;
    ForkLock& operator=(const ForkLock&) = delete;
};

}  // namespace pinfold::detail
