#include <pinfold/shm/futex.hpp>

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <ctime>
#include <system_error>

namespace pinfold::shm {
namespace {

// The kernel works on the bare 32 bits.
static_assert(sizeof(std::atomic<std::uint32_t>) == sizeof(std::uint32_t));
static_assert(std::atomic<std::uint32_t>::is_always_lock_free);

timespec to_timespec(std::chrono::nanoseconds duration) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(duration);
    return {static_cast<std::time_t>(seconds.count()),
            static_cast<long>((duration - seconds).count())};
}

}  // namespace

// No call here sets FUTEX_PRIVATE_FLAG: a private futex is found by virtual address within one
// process, so a sleeper in another process would never wake.

void futex_wait(const std::atomic<std::uint32_t>& word, std::uint32_t seen,
                std::chrono::nanoseconds timeout) {
    const bool for_ever = timeout < std::chrono::nanoseconds::zero();
    const timespec relative = for_ever ? timespec{} : to_timespec(timeout);
    if (syscall(SYS_futex, &word, FUTEX_WAIT, seen, for_ever ? nullptr : &relative, nullptr, 0) ==
        0) {
        return;
    }
    if (errno != EAGAIN && errno != EINTR && errno != ETIMEDOUT) {
        throw std::system_error(errno, std::generic_category(), "cannot sleep on a futex");
    }
}

std::uint32_t futex_wake(const std::atomic<std::uint32_t>& word, std::uint32_t most) noexcept {
    const long woken = syscall(SYS_futex, &word, FUTEX_WAKE, std::min<std::uint32_t>(most, INT_MAX),
                               nullptr, nullptr, 0);
    return woken > 0 ? static_cast<std::uint32_t>(woken) : 0;
}

void futex_wake_all(const std::atomic<std::uint32_t>& word) noexcept {
    futex_wake(word, INT_MAX);
}

}  // namespace pinfold::shm
