#pragma once

#include <sys/types.h>

#include <functional>

namespace bench {

/// A forked process that is bound to `cpu`, calls `body` and ends; it is killed when the thread
/// that made it ends. The destructor waits for it.
class Child {
  public:
    Child(int cpu, const std::function<void()>& body);
    ~Child();
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

  private:
    pid_t pid_;
};

}  // namespace bench
