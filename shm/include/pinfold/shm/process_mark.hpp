#pragma once

#include <atomic>
#include <cstdint>
#include <pinfold/api.hpp>

namespace pinfold::shm {

namespace detail {

// Whether this process is the one with this number, for kernels that wipe nothing.
[[nodiscard]] PINFOLD_API bool is_this_process(std::uint64_t pid) noexcept;

}  // namespace detail

/// Tells the process that made it from all others: a child that was forked since, in whatever way,
/// finds that it is not that one. A mark of no process holds everywhere.
///
///     const pinfold::shm::ProcessMark mark = pinfold::shm::mark_of_this_process();
///     const pid_t child = fork();
///     if (child == 0) {
///         _exit(mark.holds() ? 1 : 0);
///     }
///     int status = 1;
///     waitpid(child, &status, 0);
///     assert(mark.holds() && status == 0);
///
/// Thread-safety: any. Run time: a load, where getpid() is a system call.
class PINFOLD_API ProcessMark {
  public:
    ProcessMark() = default;

    [[nodiscard]] bool holds() const noexcept {
        if (life_ == nullptr) {
            return value_ == 0 || detail::is_this_process(value_);
        }
        return life_->load(std::memory_order_relaxed) == value_;
    }

    /// The same in one branch, but never where it takes more than a load to tell. That of no
    /// process holds nowhere.
    class Glance {
      public:
        [[nodiscard]] bool holds() const noexcept {
            return life_->load(std::memory_order_relaxed) == value_;
        }

      private:
        friend class ProcessMark;

        static constexpr std::atomic<std::uint64_t> never{0};

        const std::atomic<std::uint64_t>* life_ = &never;
        std::uint64_t value_ = 1;
    };
    [[nodiscard]] Glance at_a_glance() const noexcept {
        Glance glance;
        if (life_ != nullptr) {
            glance.life_ = life_;
            glance.value_ = value_;
        }
        return glance;
    }

  private:
    friend ProcessMark mark_of_this_process() noexcept;

    ProcessMark(const std::atomic<std::uint64_t>* life, std::uint64_t value) noexcept
        : life_(life), value_(value) {}

    const std::atomic<std::uint64_t>* life_ = nullptr;  // on a page that a fork wipes
    std::uint64_t value_ = 0;                           // of it, or the process's number
};

/// The mark of the calling process. Run time: a system call or two at the first call of a process.
[[nodiscard]] PINFOLD_API ProcessMark mark_of_this_process() noexcept;

}  // namespace pinfold::shm
