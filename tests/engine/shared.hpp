#pragma once

#include <sys/mman.h>

#include <cerrno>
#include <memory>
#include <new>
#include <system_error>

namespace pinfold::testing {

/// A value that this process shares with every process that it forks later, workers included. A
/// pool's arrays hold trivially copyable types alone; this holds a bell or an atomic.
template <typename T>
class Shared {
  public:
    Shared() {
        void* const page =
            mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (page == MAP_FAILED) {
            throw std::system_error(errno, std::generic_category(), "mmap");
        }
        value_ = new (page) T;
    }
    ~Shared() {
        std::destroy_at(value_);
        munmap(value_, sizeof(T));
    }
    Shared(const Shared&) = delete;
    Shared& operator=(const Shared&) = delete;

    [[nodiscard]] T* get() const noexcept { return value_; }
    T& operator*() const noexcept { return *value_; }
    T* operator->() const noexcept { return value_; }

  private:
    T* value_;
};

}  // namespace pinfold::testing
